// What a program costs the compiler that uses every table: test/integration/type-cost.test.ts. It is never run.
import { connectNorthbound, connectOpenvswitch, connectSouthbound } from "ovn-northbound";

/** Every table of OVN_Northbound. */
export async function useNorthbound(remote: string): Promise<number> {
  await using db = await connectNorthbound(remote);
  const result = await db.transact((tx) => {
    for (const row of db.tables.ACL.find({ action: "allow" }))
      tx.update(row, { action: row.action, direction: row.direction });
    tx.insert("ACL", { action: "allow", direction: "from-lport" });
    for (const row of db.tables.Address_Set.find({ addresses: [] }))
      tx.update(row, { addresses: row.addresses, external_ids: row.external_ids });
    tx.insert("Address_Set", { addresses: [], external_ids: {} });
    for (const row of db.tables.BFD.find({ detect_mult: null }))
      tx.update(row, { detect_mult: row.detect_mult, dst_ip: row.dst_ip });
    tx.insert("BFD", { detect_mult: null, dst_ip: "x" });
    for (const row of db.tables.Chassis_Template_Var.find({ chassis: "x" }))
      tx.update(row, { chassis: row.chassis, external_ids: row.external_ids });
    tx.insert("Chassis_Template_Var", { chassis: "x", external_ids: {} });
    for (const row of db.tables.Connection.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, inactivity_probe: row.inactivity_probe });
    tx.insert("Connection", { external_ids: {}, inactivity_probe: null });
    for (const row of db.tables.Copp.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, meters: row.meters });
    tx.insert("Copp", { external_ids: {}, meters: {} });
    for (const row of db.tables.DHCP_Options.find({ cidr: "x" }))
      tx.update(row, { cidr: row.cidr, external_ids: row.external_ids });
    tx.insert("DHCP_Options", { cidr: "x", external_ids: {} });
    for (const row of db.tables.DHCP_Relay.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, name: row.name });
    tx.insert("DHCP_Relay", { external_ids: {}, name: "x" });
    for (const row of db.tables.DNS.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, options: row.options });
    tx.insert("DNS", { external_ids: {}, options: {} });
    for (const row of db.tables.Forwarding_Group.find({ child_port: [] }))
      tx.update(row, { child_port: row.child_port, external_ids: row.external_ids });
    tx.insert("Forwarding_Group", { child_port: [], external_ids: {} });
    for (const row of db.tables.Gateway_Chassis.find({ chassis_name: "x" }))
      tx.update(row, { chassis_name: row.chassis_name, external_ids: row.external_ids });
    tx.insert("Gateway_Chassis", { chassis_name: "x", external_ids: {} });
    for (const row of db.tables.HA_Chassis.find({ chassis_name: "x" }))
      tx.update(row, { chassis_name: row.chassis_name, external_ids: row.external_ids });
    tx.insert("HA_Chassis", { chassis_name: "x", external_ids: {} });
    for (const row of db.tables.HA_Chassis_Group.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, ha_chassis: row.ha_chassis });
    tx.insert("HA_Chassis_Group", { external_ids: {}, ha_chassis: [] });
    for (const row of db.tables.Load_Balancer.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, health_check: row.health_check });
    tx.insert("Load_Balancer", { external_ids: {}, health_check: [] });
    for (const row of db.tables.Load_Balancer_Group.find({ load_balancer: [] }))
      tx.update(row, { load_balancer: row.load_balancer, name: row.name });
    tx.insert("Load_Balancer_Group", { load_balancer: [], name: "x" });
    for (const row of db.tables.Load_Balancer_Health_Check.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, options: row.options });
    tx.insert("Load_Balancer_Health_Check", { external_ids: {}, options: {} });
    for (const row of db.tables.Logical_Router.find({ copp: null }))
      tx.update(row, { copp: row.copp, enabled: row.enabled });
    tx.insert("Logical_Router", { copp: null, enabled: null });
    for (const row of db.tables.Logical_Router_Policy.find({ action: "allow" }))
      tx.update(row, { action: row.action, bfd_sessions: row.bfd_sessions });
    tx.insert("Logical_Router_Policy", { action: "allow", bfd_sessions: [] });
    for (const row of db.tables.Logical_Router_Port.find({ dhcp_relay: null }))
      tx.update(row, { dhcp_relay: row.dhcp_relay, enabled: row.enabled });
    tx.insert("Logical_Router_Port", { dhcp_relay: null, enabled: null });
    for (const row of db.tables.Logical_Router_Static_Route.find({ bfd: null }))
      tx.update(row, { bfd: row.bfd, external_ids: row.external_ids });
    tx.insert("Logical_Router_Static_Route", { bfd: null, external_ids: {} });
    for (const row of db.tables.Logical_Switch.find({ acls: [] }))
      tx.update(row, { acls: row.acls, copp: row.copp });
    tx.insert("Logical_Switch", { acls: [], copp: null });
    for (const row of db.tables.Logical_Switch_Port.find({ addresses: [] }))
      tx.update(row, { addresses: row.addresses, dhcpv4_options: row.dhcpv4_options });
    tx.insert("Logical_Switch_Port", { addresses: [], dhcpv4_options: null });
    for (const row of db.tables.Logical_Switch_Port_Health_Check.find({ address: "x" }))
      tx.update(row, { address: row.address, options: row.options });
    tx.insert("Logical_Switch_Port_Health_Check", { address: "x", options: {}, protocol: "icmp" });
    for (const row of db.tables.Meter.find({ bands: [] }))
      tx.update(row, { bands: row.bands, external_ids: row.external_ids });
    tx.insert("Meter", { bands: [], external_ids: {}, unit: "kbps" });
    for (const row of db.tables.Meter_Band.find({ action: "drop" }))
      tx.update(row, { action: row.action, external_ids: row.external_ids });
    tx.insert("Meter_Band", { action: "drop", external_ids: {}, rate: 1 });
    for (const row of db.tables.Mirror.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, filter: row.filter });
    tx.insert("Mirror", { external_ids: {}, filter: "both", type: "erspan" });
    for (const row of db.tables.Mirror_Rule.find({ action: "mirror" }))
      tx.update(row, { action: row.action, match: row.match });
    tx.insert("Mirror_Rule", { action: "mirror", match: "x" });
    for (const row of db.tables.NAT.find({ allowed_ext_ips: null }))
      tx.update(row, { allowed_ext_ips: row.allowed_ext_ips, exempted_ext_ips: row.exempted_ext_ips });
    tx.insert("NAT", { allowed_ext_ips: null, exempted_ext_ips: null, type: "dnat" });
    for (const row of db.tables.NB_Global.find({ connections: [] }))
      tx.update(row, { connections: row.connections, external_ids: row.external_ids });
    tx.insert("NB_Global", { connections: [], external_ids: {} });
    for (const row of db.tables.Network_Function.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, health_check: row.health_check });
    tx.insert("Network_Function", {
      external_ids: {},
      health_check: null,
      id: 1,
      inport: tx.insert("Logical_Switch_Port", {}),
    });
    for (const row of db.tables.Network_Function_Group.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, fallback: row.fallback });
    tx.insert("Network_Function_Group", { external_ids: {}, fallback: null, id: 1, mode: "inline" });
    for (const row of db.tables.Network_Function_Health_Check.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, name: row.name });
    tx.insert("Network_Function_Health_Check", { external_ids: {}, name: "x" });
    for (const row of db.tables.Port_Group.find({ acls: [] }))
      tx.update(row, { acls: row.acls, external_ids: row.external_ids });
    tx.insert("Port_Group", { acls: [], external_ids: {} });
    for (const row of db.tables.QoS.find({ action: {} }))
      tx.update(row, { action: row.action, bandwidth: row.bandwidth });
    tx.insert("QoS", { action: {}, bandwidth: {}, direction: "from-lport" });
    for (const row of db.tables.SSL.find({ bootstrap_ca_cert: true }))
      tx.update(row, { bootstrap_ca_cert: row.bootstrap_ca_cert, ca_cert: row.ca_cert });
    tx.insert("SSL", { bootstrap_ca_cert: true, ca_cert: "x" });
    for (const row of db.tables.Sample.find({ collectors: [] }))
      tx.update(row, { collectors: row.collectors });
    tx.insert("Sample", { collectors: [], metadata: 1 });
    for (const row of db.tables.Sample_Collector.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, name: row.name });
    tx.insert("Sample_Collector", { external_ids: {}, name: "x", id: 1, set_id: 1 });
    for (const row of db.tables.Sampling_App.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, type: row.type });
    tx.insert("Sampling_App", { external_ids: {}, type: "acl-est", id: 1 });
    for (const row of db.tables.Static_MAC_Binding.find({ ip: "x" }))
      tx.update(row, { ip: row.ip, logical_port: row.logical_port });
    tx.insert("Static_MAC_Binding", { ip: "x", logical_port: "x" });
  });
  return result.attempts;
}

/** Every table of OVN_Southbound. */
export async function useSouthbound(remote: string): Promise<number> {
  await using db = await connectSouthbound(remote);
  const result = await db.transact((tx) => {
    for (const row of db.tables.ACL_ID.find({})) tx.update(row, {});
    tx.insert("ACL_ID", {});
    for (const row of db.tables.Address_Set.find({ addresses: [] }))
      tx.update(row, { addresses: row.addresses, name: row.name });
    tx.insert("Address_Set", { addresses: [], name: "x" });
    for (const row of db.tables.Advertised_MAC_Binding.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, ip: row.ip });
    tx.insert("Advertised_MAC_Binding", {
      external_ids: {},
      ip: "x",
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
      logical_port: tx.insert("Port_Binding", {
        datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
        tunnel_key: 1,
      }),
    });
    for (const row of db.tables.Advertised_Route.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, ip_prefix: row.ip_prefix });
    tx.insert("Advertised_Route", {
      external_ids: {},
      ip_prefix: "x",
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
      logical_port: tx.insert("Port_Binding", {
        datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
        tunnel_key: 1,
      }),
    });
    for (const row of db.tables.BFD.find({ chassis_name: "x" }))
      tx.update(row, { chassis_name: row.chassis_name, dst_ip: row.dst_ip });
    tx.insert("BFD", { chassis_name: "x", dst_ip: "x", src_port: 49152, status: "admin_down" });
    for (const row of db.tables.Chassis.find({ encaps: [] }))
      tx.update(row, { encaps: row.encaps, external_ids: row.external_ids });
    tx.insert("Chassis", { encaps: [], external_ids: {} });
    for (const row of db.tables.Chassis_Private.find({ chassis: null }))
      tx.update(row, { chassis: row.chassis, external_ids: row.external_ids });
    tx.insert("Chassis_Private", { chassis: null, external_ids: {} });
    for (const row of db.tables.Chassis_Template_Var.find({ chassis: "x" }))
      tx.update(row, { chassis: row.chassis, variables: row.variables });
    tx.insert("Chassis_Template_Var", { chassis: "x", variables: {} });
    for (const row of db.tables.Connection.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, inactivity_probe: row.inactivity_probe });
    tx.insert("Connection", { external_ids: {}, inactivity_probe: null });
    for (const row of db.tables.Controller_Event.find({ chassis: null }))
      tx.update(row, { chassis: row.chassis, event_info: row.event_info });
    tx.insert("Controller_Event", { chassis: null, event_info: {}, event_type: "empty_lb_backends" });
    for (const row of db.tables.DHCP_Options.find({ name: "x" }))
      tx.update(row, { name: row.name, type: row.type });
    tx.insert("DHCP_Options", { name: "x", type: "bool" });
    for (const row of db.tables.DHCPv6_Options.find({ name: "x" }))
      tx.update(row, { name: row.name, type: row.type });
    tx.insert("DHCPv6_Options", { name: "x", type: "domain" });
    for (const row of db.tables.DNS.find({ datapaths: [] }))
      tx.update(row, { datapaths: row.datapaths, external_ids: row.external_ids });
    tx.insert("DNS", { datapaths: [], external_ids: {} });
    for (const row of db.tables.Datapath_Binding.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, load_balancers: row.load_balancers });
    tx.insert("Datapath_Binding", { external_ids: {}, load_balancers: [], tunnel_key: 1 });
    for (const row of db.tables.ECMP_Nexthop.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, mac: row.mac });
    tx.insert("ECMP_Nexthop", {
      external_ids: {},
      mac: "x",
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
      port: tx.insert("Port_Binding", {
        datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
        tunnel_key: 1,
      }),
    });
    for (const row of db.tables.Encap.find({ chassis_name: "x" }))
      tx.update(row, { chassis_name: row.chassis_name, ip: row.ip });
    tx.insert("Encap", { chassis_name: "x", ip: "x", type: "geneve" });
    for (const row of db.tables.FDB.find({ mac: "x" })) tx.update(row, { mac: row.mac });
    tx.insert("FDB", { mac: "x", dp_key: 1, port_key: 1 });
    for (const row of db.tables.Gateway_Chassis.find({ chassis: null }))
      tx.update(row, { chassis: row.chassis, external_ids: row.external_ids });
    tx.insert("Gateway_Chassis", { chassis: null, external_ids: {} });
    for (const row of db.tables.HA_Chassis.find({ chassis: null }))
      tx.update(row, { chassis: row.chassis, external_ids: row.external_ids });
    tx.insert("HA_Chassis", { chassis: null, external_ids: {} });
    for (const row of db.tables.HA_Chassis_Group.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, ha_chassis: row.ha_chassis });
    tx.insert("HA_Chassis_Group", { external_ids: {}, ha_chassis: [] });
    for (const row of db.tables.IGMP_Group.find({ address: "x" }))
      tx.update(row, { address: row.address, chassis: row.chassis });
    tx.insert("IGMP_Group", { address: "x", chassis: null });
    for (const row of db.tables.IP_Multicast.find({ enabled: null }))
      tx.update(row, { enabled: row.enabled, eth_src: row.eth_src });
    tx.insert("IP_Multicast", {
      enabled: null,
      eth_src: "x",
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
    });
    for (const row of db.tables.Learned_Route.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, ip_prefix: row.ip_prefix });
    tx.insert("Learned_Route", {
      external_ids: {},
      ip_prefix: "x",
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
      logical_port: tx.insert("Port_Binding", {
        datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
        tunnel_key: 1,
      }),
    });
    for (const row of db.tables.Load_Balancer.find({ datapath_group: null }))
      tx.update(row, { datapath_group: row.datapath_group, datapaths: row.datapaths });
    tx.insert("Load_Balancer", { datapath_group: null, datapaths: [] });
    for (const row of db.tables.Logical_DP_Group.find({ datapaths: [] }))
      tx.update(row, { datapaths: row.datapaths });
    tx.insert("Logical_DP_Group", { datapaths: [] });
    for (const row of db.tables.Logical_Flow.find({ actions: "x" }))
      tx.update(row, { actions: row.actions, controller_meter: row.controller_meter });
    tx.insert("Logical_Flow", { actions: "x", controller_meter: null, pipeline: "egress" });
    for (const row of db.tables.MAC_Binding.find({ ip: "x" }))
      tx.update(row, { ip: row.ip, logical_port: row.logical_port });
    tx.insert("MAC_Binding", {
      ip: "x",
      logical_port: "x",
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
    });
    for (const row of db.tables.Meter.find({ bands: [] }))
      tx.update(row, { bands: row.bands, name: row.name });
    tx.insert("Meter", { bands: [], name: "x", unit: "kbps" });
    for (const row of db.tables.Meter_Band.find({ action: "drop" })) tx.update(row, { action: row.action });
    tx.insert("Meter_Band", { action: "drop", rate: 1 });
    for (const row of db.tables.Mirror.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, filter: row.filter });
    tx.insert("Mirror", { external_ids: {}, filter: "both", type: "erspan" });
    for (const row of db.tables.Multicast_Group.find({ name: "x" }))
      tx.update(row, { name: row.name, ports: row.ports });
    tx.insert("Multicast_Group", {
      name: "x",
      ports: [],
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
      tunnel_key: 32768,
    });
    for (const row of db.tables.Port_Binding.find({ additional_chassis: [] }))
      tx.update(row, { additional_chassis: row.additional_chassis, additional_encap: row.additional_encap });
    tx.insert("Port_Binding", {
      additional_chassis: [],
      additional_encap: [],
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
      tunnel_key: 1,
    });
    for (const row of db.tables.Port_Group.find({ name: "x" }))
      tx.update(row, { name: row.name, ports: row.ports });
    tx.insert("Port_Group", { name: "x", ports: [] });
    for (const row of db.tables.RBAC_Permission.find({ authorization: [] }))
      tx.update(row, { authorization: row.authorization, insert_delete: row.insert_delete });
    tx.insert("RBAC_Permission", { authorization: [], insert_delete: true });
    for (const row of db.tables.RBAC_Role.find({ name: "x" }))
      tx.update(row, { name: row.name, permissions: row.permissions });
    tx.insert("RBAC_Role", { name: "x", permissions: {} });
    for (const row of db.tables.SB_Global.find({ connections: [] }))
      tx.update(row, { connections: row.connections, external_ids: row.external_ids });
    tx.insert("SB_Global", { connections: [], external_ids: {} });
    for (const row of db.tables.SSL.find({ bootstrap_ca_cert: true }))
      tx.update(row, { bootstrap_ca_cert: row.bootstrap_ca_cert, ca_cert: row.ca_cert });
    tx.insert("SSL", { bootstrap_ca_cert: true, ca_cert: "x" });
    for (const row of db.tables.Service_Monitor.find({ chassis_name: "x" }))
      tx.update(row, { chassis_name: row.chassis_name, external_ids: row.external_ids });
    tx.insert("Service_Monitor", { chassis_name: "x", external_ids: {} });
    for (const row of db.tables.Static_MAC_Binding.find({ ip: "x" }))
      tx.update(row, { ip: row.ip, logical_port: row.logical_port });
    tx.insert("Static_MAC_Binding", {
      ip: "x",
      logical_port: "x",
      datapath: tx.insert("Datapath_Binding", { tunnel_key: 1 }),
    });
  });
  return result.attempts;
}

/** Every table of Open_vSwitch. */
export async function useOpenvswitch(remote: string): Promise<number> {
  await using db = await connectOpenvswitch(remote);
  const result = await db.transact((tx) => {
    for (const row of db.tables.AutoAttach.find({ mappings: {} }))
      tx.update(row, { mappings: row.mappings, system_description: row.system_description });
    tx.insert("AutoAttach", { mappings: {}, system_description: "x" });
    for (const row of db.tables.Bridge.find({ auto_attach: null }))
      tx.update(row, { auto_attach: row.auto_attach, controller: row.controller });
    tx.insert("Bridge", { auto_attach: null, controller: [] });
    for (const row of db.tables.CT_Timeout_Policy.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, timeouts: row.timeouts });
    tx.insert("CT_Timeout_Policy", { external_ids: {}, timeouts: {} });
    for (const row of db.tables.CT_Zone.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, limit: row.limit });
    tx.insert("CT_Zone", { external_ids: {}, limit: null });
    for (const row of db.tables.Controller.find({ connection_mode: null }))
      tx.update(row, {
        connection_mode: row.connection_mode,
        controller_burst_limit: row.controller_burst_limit,
      });
    tx.insert("Controller", { connection_mode: null, controller_burst_limit: null });
    for (const row of db.tables.Datapath.find({ capabilities: {} }))
      tx.update(row, { capabilities: row.capabilities, ct_zone_default_limit: row.ct_zone_default_limit });
    tx.insert("Datapath", { capabilities: {}, ct_zone_default_limit: null });
    for (const row of db.tables.Flow_Sample_Collector_Set.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, ipfix: row.ipfix });
    tx.insert("Flow_Sample_Collector_Set", {
      external_ids: {},
      ipfix: null,
      bridge: tx.insert("Bridge", {}),
    });
    for (const row of db.tables.Flow_Table.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, flow_limit: row.flow_limit });
    tx.insert("Flow_Table", { external_ids: {}, flow_limit: null });
    for (const row of db.tables.IPFIX.find({ cache_active_timeout: null }))
      tx.update(row, {
        cache_active_timeout: row.cache_active_timeout,
        cache_max_flows: row.cache_max_flows,
      });
    tx.insert("IPFIX", { cache_active_timeout: null, cache_max_flows: null });
    for (const row of db.tables.Interface.find({ bfd: {} }))
      tx.update(row, { bfd: row.bfd, cfm_flap_count: row.cfm_flap_count });
    tx.insert("Interface", { bfd: {}, cfm_flap_count: null });
    for (const row of db.tables.Manager.find({ connection_mode: null }))
      tx.update(row, { connection_mode: row.connection_mode, external_ids: row.external_ids });
    tx.insert("Manager", { connection_mode: null, external_ids: {} });
    for (const row of db.tables.Mirror.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, filter: row.filter });
    tx.insert("Mirror", { external_ids: {}, filter: null });
    for (const row of db.tables.NetFlow.find({ add_id_to_interface: true }))
      tx.update(row, { add_id_to_interface: row.add_id_to_interface, engine_id: row.engine_id });
    tx.insert("NetFlow", { add_id_to_interface: true, engine_id: null });
    for (const row of db.tables.Open_vSwitch.find({ bridges: [] }))
      tx.update(row, { bridges: row.bridges, datapath_types: row.datapath_types });
    tx.insert("Open_vSwitch", { bridges: [], datapath_types: [] });
    for (const row of db.tables.Port.find({ bond_active_slave: null }))
      tx.update(row, { bond_active_slave: row.bond_active_slave, bond_fake_iface: row.bond_fake_iface });
    tx.insert("Port", { bond_active_slave: null, bond_fake_iface: true, interfaces: [] });
    for (const row of db.tables.QoS.find({ external_ids: {} }))
      tx.update(row, { external_ids: row.external_ids, other_config: row.other_config });
    tx.insert("QoS", { external_ids: {}, other_config: {} });
    for (const row of db.tables.Queue.find({ dscp: null }))
      tx.update(row, { dscp: row.dscp, external_ids: row.external_ids });
    tx.insert("Queue", { dscp: null, external_ids: {} });
    for (const row of db.tables.SSL.find({ bootstrap_ca_cert: true }))
      tx.update(row, { bootstrap_ca_cert: row.bootstrap_ca_cert, ca_cert: row.ca_cert });
    tx.insert("SSL", { bootstrap_ca_cert: true, ca_cert: "x" });
    for (const row of db.tables.sFlow.find({ agent: null }))
      tx.update(row, { agent: row.agent, external_ids: row.external_ids });
    tx.insert("sFlow", { agent: null, external_ids: {} });
  });
  return result.attempts;
}
