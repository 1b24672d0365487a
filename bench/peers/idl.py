"""The IDL of Open vSwitch's own Python library, with all tables and columns."""
import time

import ovs.db.idl
import ovs.poller

from common import Stopwatch, port, port_name, report, task, warm_median

Transaction = ovs.db.idl.Transaction


def connect(remote):
    from ovs import jsonrpc
    from ovs.stream import Stream

    _, stream = Stream.open_block(Stream.open(remote))
    rpc = jsonrpc.Connection(stream)
    _, reply = rpc.transact_block(jsonrpc.Message.create_request("get_schema", ["OVN_Northbound"]))
    rpc.close()
    helper = ovs.db.idl.SchemaHelper(schema_json=reply.result)
    helper.register_all()
    return ovs.db.idl.Idl(remote, helper)


def wait(idl):
    poller = ovs.poller.Poller()
    idl.wait(poller)
    poller.block()


def synced(idl):
    seqno = idl.change_seqno
    while idl.change_seqno == seqno:
        idl.run()
        if idl.change_seqno == seqno:
            wait(idl)


def write(idl, given):
    switches = {row.name: row for row in idl.tables["Logical_Switch"].rows.values()}
    parents = [switches["switch-%d" % index] for index in range(given["switches"])]
    rows = [port(index) for index in range(given["count"])]
    batch, width = given["batch"], given["width"]
    watch = Stopwatch()
    times, pending, done = [], [], 0
    while done < len(rows) or pending:
        while len(pending) < width and done < len(rows):
            began = time.monotonic()
            txn = Transaction(idl)
            for index in range(done, min(done + batch, len(rows))):
                row = txn.insert(idl.tables["Logical_Switch_Port"])
                for column, value in rows[index].items():
                    setattr(row, column, value)
                parents[index % len(parents)].addvalue("ports", row)
            pending.append((began, txn))
            txn.commit()
            # Only one at a time may be open for changes; the ones before it wait for their replies.
            idl.txn = None
            done += batch
        idl.run()
        still = []
        for began, txn in pending:
            status = txn.commit()
            if status == Transaction.INCOMPLETE:
                still.append((began, txn))
            elif status == Transaction.SUCCESS:
                times.append(time.monotonic() - began)
            else:
                raise SystemExit("a transaction ended with " + status)
        moved = len(still) < len(pending)
        pending = still
        if pending and not moved:
            wait(idl)
    report(**watch.stop(), p50=warm_median(times))


def sync(given):
    watch = Stopwatch()
    idl = connect(given["remote"])
    idl.index_create("Logical_Switch_Port", "by_name").add_column("name")
    synced(idl)
    rows = idl.tables["Logical_Switch_Port"].rows
    last = port_name(given["ports"] - 1)
    assert len(rows) == given["ports"] and any(row.name == last for row in rows.values())
    report(**watch.stop())


def follow(idl, given):
    print("ready", flush=True)
    watch = Stopwatch()
    seen = set()
    idl.notify = lambda event, row, updates=None: seen.add(row.uuid)
    while len(seen) < given["count"]:
        idl.run()
        if len(seen) < given["count"]:
            wait(idl)
    report(**watch.stop(), endedAt=time.monotonic())


given = task()
if given["kind"] == "sync":
    sync(given)
else:
    idl = connect(given["remote"])
    synced(idl)
    (follow if given["kind"] == "follow" else write)(idl, given)
