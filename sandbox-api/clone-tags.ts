/**
 * Structured clones as bytes, for values that leave the isolate: the process that carries and keeps them does not know
 * what they mean. Equal values made in the same order are equal bytes.
 */
export const Tag = {
  Undefined: 0,
  Null: 1,
  False: 2,
  True: 3,
  Number: 4,
  Text: 5,
  /** A text with lone surrogates, which UTF-8 cannot have: two bytes a unit. */
  OddText: 6,
  BigInt: 7,
  Object: 8,
  List: 9,
  /** An array with holes or names: its length, then its fields. */
  Array: 10,
  Map: 11,
  Set: 12,
  Date: 13,
  RegExp: 14,
  Error: 15,
  Buffer: 16,
  TypedArray: 17,
  View: 19,
  /** A value that came before, by its number among the objects. */
  Again: 18,
} as const
