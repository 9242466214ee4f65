/** Flags by which numeric libraries choose their code at run time: vector units, fused multiply-add, short floats. */
export const NUMERIC_FEATURE =
  /^(?:mmx|sse|ssse|pni$|avx|fma|f16c|xop|amx|fp$|fphp|vfp|neon|asimd|sve|sme|bf16|i8mm|fcma|vx|lsx|lasx|rv\d|zf|zv|vis)/;
