// What every program costs the compiler that imports the package.
import "ovn-northbound";
