"""ovn-nbctl as a daemon, asked over its control socket without a process for every command."""
import os
import re
import subprocess
import tempfile
import time

from ovs.unixctl.client import UnixctlClient

from common import Stopwatch, report, task, warm_median
from nbctl import command

PORTS = 2000


def peak_of(pid):
    with open("/proc/%d/status" % pid) as status:
        return int(re.search(r"VmHWM:\s*(\d+)", status.read()).group(1)) / 1024


def main():
    given = task()
    folder = tempfile.mkdtemp()
    control = os.path.join(folder, "ctl")
    watch = Stopwatch()
    pidfile = os.path.join(folder, "pid")
    subprocess.run(
        ["ovn-nbctl", "--db=" + given["remote"], "--detach", "--pidfile=" + pidfile, "--unixctl=" + control],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with open(pidfile) as file:
        pid = int(file.read())
    _, client = UnixctlClient.create(control)
    try:
        if given["kind"] == "sync":
            # The first command waits until the daemon's replica is whole.
            client.transact("run", ["get", "NB_Global", ".", "nb_cfg"])
            report(**{**watch.stop(), "peakMb": peak_of(pid)})
            return
        times = []
        for index in range(min(PORTS, given["count"])):
            began = time.monotonic()
            _, error, _ = client.transact("run", command(index, given["switches"]))
            if error:
                raise SystemExit(error)
            times.append(time.monotonic() - began)
        report(**watch.stop(), p50=warm_median(times), ports=len(times))
    finally:
        client.transact("exit", [])
        client.close()


main()
