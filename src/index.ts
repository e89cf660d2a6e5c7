export { IrisError } from '../base/diagnostic.ts'
export type { Pid } from '../runtime/actor/pid.ts'
export { isSystemMessage } from '../runtime/actor/system-message.ts'
export type { JitEventName, JitEvents, JitListener } from '../runtime/exec/events.ts'
export type {
  ExplainedDiagnostic,
  ExplainedProfile,
  ExplainOptions,
  Explanation,
  Tier,
} from '../runtime/exec/explanation.ts'
export { formatExplanation } from '../runtime/exec/explanation.ts'
export type { OffloadOptions } from '../runtime/exec/options.ts'
export type { Overflow, PoolOptions } from '../runtime/exec/pool/options.ts'
export type { PoolStats } from '../runtime/exec/pool/pool.ts'
export type { PressureLevel } from '../runtime/exec/pool/pressure.ts'
export type { KernelView } from '../runtime/exec/views.ts'
export {
  all,
  allWhile,
  any,
  anyWhile,
  breakIf,
  breakOnNaN,
  breakUnless,
  continueIf,
  continueOnNaN,
  continueUnless,
  ifElse,
  Range,
  range,
  sum,
  sumWhile,
} from './intrinsics.ts'
export { jit } from './jit.ts'
export { getJitLogging, getQuantumSpeculation, setJitLogging, setQuantumSpeculation } from './jit-log.ts'
export type { ActorKernel, Kernel, KernelStats, NumericArray, RunOptions } from './kernel-types.ts'
export { alloc, free } from './memory.ts'
export { type OffloadDecorator, offload } from './offload.ts'
export { kernelExecutor, pool } from './pool.ts'
export { Runtime } from './runtime.ts'
