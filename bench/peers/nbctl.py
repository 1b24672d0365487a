"""ovn-nbctl, a process for every port. It takes the first few alone: each costs some 100 times as much as a transaction."""
import subprocess
import time

from common import Stopwatch, port, report, task, warm_median

PORTS = 30


def command(index, switches):
    row = port(index)
    pairs = lambda values: ['%s="%s"' % item for item in values.items()]
    return (
        ["--id=@p", "create", "Logical_Switch_Port", "name=" + row["name"]]
        + ['addresses="%s"' % row["addresses"][0], 'port_security="%s"' % row["port_security"][0]]
        + ["external_ids:" + pair for pair in pairs(row["external_ids"])]
        + ["options:" + pair for pair in pairs(row["options"])]
        + ["--", "add", "Logical_Switch", "switch-%d" % (index % switches), "ports", "@p"]
    )


def main():
    given = task()
    watch = Stopwatch()
    times = []
    for index in range(PORTS):
        began = time.monotonic()
        subprocess.run(
            ["ovn-nbctl", "--db=" + given["remote"], *command(index, given["switches"])],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        times.append(time.monotonic() - began)
    report(**watch.stop(), p50=warm_median(times), ports=PORTS)


if __name__ == "__main__":
    main()
