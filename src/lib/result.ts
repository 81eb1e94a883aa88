// Expected outcomes are values: a parser gives `Result`, exceptions are left for bugs and broken I/O.

export type Result<Value, Fault = string> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: Fault };

export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

export function fault<Fault>(fault: Fault): { readonly ok: false; readonly fault: Fault } {
  return { ok: false, fault };
}

/** The end of a switch over a closed union: a new case fails to compile here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
