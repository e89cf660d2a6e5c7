/**
 * What piscina loads in a new thread. It loads files by require() first; requiring an ES module on a thread that is ended
 * meanwhile brings the whole process down on some versions of Node (an assertion in its loader), importing one does not.
 */
module.exports = {
  serve: async (data: unknown): Promise<number> => {
    const { serve } = await import('./worker.js')
    return serve(data as never)
  },
}
