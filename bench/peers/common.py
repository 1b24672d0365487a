"""What the Python clients of the bench share: the task they are given, the rows, and the report."""
import hashlib
import json
import resource
import sys
import time


def task():
    return json.loads(sys.argv[1])


def port_name(index):
    return "default_pod-%06d" % index


def port(index):
    """The same row as bench/ports.ts makes."""
    octets = (index >> 16, index >> 8 & 255, index & 255)
    address = "0a:58:0a:%02x:%02x:%02x 10.%d.%d.%d" % (octets + octets)
    digest = hashlib.sha1(b"pod %d" % index).hexdigest()
    return {
        "name": port_name(index),
        "addresses": [address],
        "port_security": [address],
        "external_ids": {
            "namespace": "namespace-%d" % (index % 50),
            "pod": "true",
            "k8s.ovn.org/name": "pod-%d" % index,
            "k8s.ovn.org/nad": "default/bench",
            "k8s.ovn.org/network": "bench",
            "k8s.ovn.org/topology": "layer3",
        },
        "options": {"iface-id-ver": digest[:36], "requested-chassis": "node-%d" % (index % 100)},
    }


class Stopwatch:
    def __init__(self):
        self.start = time.monotonic()
        self.cpu = time.process_time()

    def stop(self):
        return {"seconds": time.monotonic() - self.start, "cpuSeconds": time.process_time() - self.cpu}


def warm_median(seconds):
    """In microseconds, without the first third, which warms up."""
    warm = sorted(seconds[len(seconds) // 3:])
    return warm[len(warm) // 2] * 1e6


def report(**measured):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peakMb": peak, **measured}))
