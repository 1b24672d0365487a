/**
 * Any JSON value (RFC 8259), with one addition: integers that a JavaScript number cannot hold exactly are `bigint`.
 *
 * OVSDB integers are signed 64-bit (RFC 7047 section 3.1), and some columns, `NB_Global.nb_cfg` for one, use the whole range.
 */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
