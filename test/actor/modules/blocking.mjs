/** Blocks its thread: no await anywhere. */
export default function blocking(mailbox) {
  let sum = 0
  for (;;) {
    const message = mailbox.recvSync(60)
    if (message === 'sum') mailbox.reply(sum)
    else if (message === 'brief') mailbox.reply(mailbox.recvSync(0.01))
    else if (message === 'end') return
    else sum += message
  }
}
