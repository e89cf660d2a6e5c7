/** Nanoseconds as text, in a unit that keeps three digits. */
export function duration(ns: number): string {
  if (ns < 1e3) return `${ns.toPrecision(3)} ns`
  if (ns < 1e6) return `${(ns / 1e3).toPrecision(3)} µs`
  return `${ns < 1e9 ? (ns / 1e6).toPrecision(3) : (ns / 1e6).toFixed(0)} ms`
}
