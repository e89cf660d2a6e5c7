import type { JitEventName, JitEvents, JitListener } from '../runtime/exec/events.ts'
import { defaultEngine } from './engine.ts'
import { getJitLogging, getQuantumSpeculation, setJitLogging, setQuantumSpeculation } from './jit-log.ts'

/** Controls and events of the engine. */
export const jit = {
  setJitLogging,
  getJitLogging,
  setQuantumSpeculation,
  getQuantumSpeculation,
  /** Calls the listener at each event of this name; gives a function that ends that. */
  on<N extends JitEventName>(name: N, listener: JitListener<N>): () => void {
    return defaultEngine().events.subscribe((found, event) => {
      if (found === name) listener(event as JitEvents[N])
    })
  },
}
