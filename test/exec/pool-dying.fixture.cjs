/** A thread of the pool that dies when it runs code whose export is named after a death. */
const deaths = {
  exit: () => process.exit(3),
  throw: () => {
    Atomics.store = () => {
      throw new Error('thrown on the thread')
    }
  },
  memory: () => {
    const kept = []
    for (;;) kept.push(new Array(1e5).fill(0).map(() => ({})))
  },
}

const { Instance } = WebAssembly
WebAssembly.Instance = function instantiate(module, imports) {
  const instance = new Instance(module, imports)
  const name = Object.keys(instance.exports).find(key => key in deaths)
  return name ? { exports: { [name]: deaths[name] } } : instance
}

module.exports = {
  serve: async data => (await import('../../dist/runtime/exec/pool/worker.js')).serve(data),
}
