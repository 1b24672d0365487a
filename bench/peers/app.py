"""ovsdbapp, as OpenStack uses it: commands on a thread that owns the IDL."""
import time

from ovsdbapp.backend.ovs_idl import connection
from ovsdbapp.schema.ovn_northbound import impl_idl

from common import Stopwatch, port, port_name, report, task, warm_median


def connect(remote):
    idl = connection.OvsdbIdl.from_server(remote, "OVN_Northbound")
    return impl_idl.OvnNbApiIdlImpl(connection.Connection(idl, timeout=300))


def write(given):
    nb = connect(given["remote"])
    rows = [port(index) for index in range(given["count"])]
    batch = given["batch"]
    watch = Stopwatch()
    times = []
    for first in range(0, len(rows), batch):
        began = time.monotonic()
        with nb.transaction(check_error=True) as txn:
            for index in range(first, min(first + batch, len(rows))):
                columns = dict(rows[index])
                name = columns.pop("name")
                txn.add(nb.lsp_add("switch-%d" % (index % given["switches"]), name, **columns))
        times.append(time.monotonic() - began)
    report(**watch.stop(), p50=warm_median(times))


def sync(given):
    watch = Stopwatch()
    nb = connect(given["remote"])
    assert nb.lookup("Logical_Switch_Port", port_name(given["ports"] - 1))
    report(**watch.stop())


given = task()
(sync if given["kind"] == "sync" else write)(given)
