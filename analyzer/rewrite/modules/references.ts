/**
 * What a use does to references. `given`: the variable gets one of its own; `reset`: it gets `NULL`; `stored`: another
 * variable gets one that a statement beside takes; `copied`: another one gets it without that; `parsed`: its address
 * goes to what reads arguments, which puts a borrowed one there.
 */
export type Effect =
  | 'given'
  | 'reset'
  | 'taken'
  | 'stolen'
  | 'returned'
  | 'dropped'
  | 'released'
  | 'stored'
  | 'copied'
  | 'parsed'
  | 'none'
  | 'unknown'
