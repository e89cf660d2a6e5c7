/** Answers with what it got; a few commands let a test look inside. */
export default function echo(message, context) {
  if (message === 'crash') throw new Error('crash on the thread')
  if (message === 'stop') return context.stop()
  if (message === 'die') {
    setImmediate(() => process.exit(1))
    return new Promise(() => undefined)
  }
  if (message === 'self') return context.self
  if (message === 'loop') for (;;);
  if (message?.sendTo) {
    for (const each of message.messages) context.send(message.sendTo, each)
    return message.messages.length
  }
  if (message?.callTo) return context.call(message.callTo, message.value)
  if (message?.linkTo) return context.link(message.linkTo)
  if (message?.monitor) return void context.monitor(message.monitor)
  if (message?.typeName) return
  return message
}
