import type { Mutant } from '../mutants/mutants.ts'

/**
 * Planted defects of the actor runtime: each replaces one piece of one file. The text is of one line and without types,
 * so that it stands alike in the source and in the built file.
 */
const inFile =
  (file: string) =>
  (name: string, old: string, made: string): Mutant => ({ name, file: `runtime/actor/${file}.ts`, old, made })

const addresses = inFile('threads/addresses')
const behaviour = inFile('behaviour')
const blocked = inFile('blocked')
const bridge = inFile('threads/bridge')
const calls = inFile('calls')
const clock = inFile('clock')
const deadLetters = inFile('dead-letters')
const delivery = inFile('delivery')
const lifecycle = inFile('lifecycle')
const links = inFile('links')
const mailbox = inFile('mailbox')
const monitors = inFile('monitors')
const paths = inFile('paths')
const pathSupervisor = inFile('path-supervisor')
const pressure = inFile('pressure')
const pull = inFile('pull')
const push = inFile('push')
const registry = inFile('registry')
const restarts = inFile('restarts')
const ring = inFile('threads/ring')
const restartWindow = inFile('restart-window')
const runtime = inFile('runtime')
const runQueue = inFile('run-queue')
const scheduler = inFile('scheduler')
const standIn = inFile('threads/stand-in')
const supervisor = inFile('supervisor')
const table = inFile('table')
const timers = inFile('timers')
const timerWheel = inFile('timer-wheel')
const transaction = inFile('transaction')
const virtual = inFile('virtual')

/** Where the rare ones show soon; the hunt goes on from there when they do not. */
export const FIRST_SEEDS: Readonly<Record<string, number>> = {
  'a busy actor is deactivated': 15,
  'an eviction makes the scan miss a message': 21,
  'spill beyond twice the capacity': 29,
  'four attempts': 34,
  'siblings are not waited for': 35,
  'no hysteresis': 36,
  'nine hops': 41,
  'a normal exit is replaced': 41,
  'the last who blocked goes first': 67,
  'a held-back actor takes messages': 121,
  'history of 15': 911,
  'moved entries are forgotten': 813,
  'a dead actor commits': 820,
  'a circle of senders is not seen': 190,
  'who blocks is overtaken': 190,
  'the eldest child first': 222,
}

export const MUTANTS: readonly Mutant[] = [
  // the scheduler
  push('lost wake-up after an async handler', 'else if (process.size > 0)', 'else if (process.size > 1)'),
  runtime('lost wake-up at resume', 'if (process.size > 0 || receiver.isDue(process))', 'if (process.size > 1)'),
  push(
    'one message more than the budget',
    'scheduler.sent - sentBefore >= limit',
    'scheduler.sent - sentBefore > limit',
  ),
  push('a handler is entered again across await', 'process.flags |= BUSY', 'process.flags |= 0'),
  scheduler(
    'a suspended actor takes its turn',
    'EXCEPTIONAL = DEAD | BUSY | SUSPENDED |',
    'EXCEPTIONAL = DEAD | BUSY |',
  ),
  scheduler('a debt is never paid back', 'extras.debt -= process.budget', ''),
  scheduler('a debt is paid twice', 'indebt(process, used - process.budget)', 'indebt(process, 2 * used)'),
  scheduler('a turn goes on beyond its budget', 'return Math.min(budget, this.allowance)', 'return this.allowance'),
  runQueue(
    'the last to come is the first',
    'this.#ring[(this.#head + this.size++)',
    'this.#ring[(this.#head = (this.#head - 1) & this.#mask, this.size++, this.#head)',
  ),
  // delivery
  delivery('dropold evicts a system message', '!(entry instanceof Signal) || entry.counts)', 'true)'),
  delivery(
    'one message more than the capacity',
    'if (process.userSize < bound.capacity)',
    'if (process.userSize <= bound.capacity)',
  ),
  delivery('nine hops', 'MOST_HOPS = 8', 'MOST_HOPS = 9'),
  delivery('spill beyond twice the capacity', '>= 2 * bound.capacity', '> 2 * bound.capacity'),
  delivery('load is shed at HIGH', "pressureOf(process) === 'CRITICAL'", "pressureOf(process) !== 'NORMAL'"),
  delivery('who blocks is overtaken', 'if (bound.waiting.length > 0)', 'if (false)'),
  mailbox('moved entries are forgotten', 'this.#tailIndex = size', 'this.#tailIndex = size - 1'),
  mailbox('bounds count system messages', 'this.size - this.uncounted', 'this.size'),
  deadLetters('a refused message is not counted', 'this.dropped++', ''),
  pressure('no hysteresis', '(before >= 1 && size >= high - slack)', 'false'),
  blocked('the last who blocked goes first', '.waiting.shift()', '.waiting.pop()'),
  blocked('a send that got through times out', 'this.#clock.cancel(blocked)', ''),
  blocked('a circle of senders is not seen', 'if (process === sender)', 'if (false)'),
  // lives and deaths
  monitors(
    'double DOWN',
    'this.#report(watcher, monitor, exit)',
    '(this.#report(watcher, monitor, exit), this.#report(watcher, monitor, exit))',
  ),
  monitors('DOWN after demonitor', '?.extras?.watchedBy?.delete(reference)', '?.extras?.watchedBy?.has(reference)'),
  links('Normal kills', "if (exit.reason !== 'Normal') {", 'if (true) {'),
  links('a link of one side', 'join(second, first)', 'join(first, second)'),
  links('kill can be trapped', 'this.#lifecycle.exit(process, KILLED)', 'this.signal(process, process.pid, KILLED)'),
  links('the origin of a cascade is lost', 'const origin = exit.origin ?? from', 'const origin = from'),
  lifecycle('a child survives its parent', 'for (const child of children)', 'for (const child of children.slice(1))'),
  lifecycle('the eldest child first', '].reverse()', ']'),
  lifecycle('a stop while busy is forgotten', 'process.flags |= STOPPING', 'process.flags |= 0'),
  lifecycle('a slow child is not killed', 'this.#clock.start(extras.shutdownTimer, extras.shutdownMs)', ''),
  lifecycle('deferred calls hang', 'if (deferred !== undefined)', 'if (false)'),
  table('a dead pid reaches its process', 'Pid.detach(pid)', ''),
  registry('a name is not free', 'if (name !== undefined)', 'if (false)'),
  // supervision
  restartWindow('restart off by one', 'this.#times.length <= this', 'this.#times.length < this'),
  restartWindow('old restarts count', 'now - time <= this.#periodMs', 'true'),
  restarts('a name is not bound again', 'this.#registry.inherit(old, replacement)', ''),
  supervisor('rest_for_one restarts all', "'one_for_all' ? 0 : this", "'one_for_all' ? 0 : 0 & this"),
  supervisor(
    'transient children come back after Shutdown',
    "(reason !== 'Normal' && reason !== 'Shutdown')",
    "reason !== 'Normal'",
  ),
  supervisor('siblings are not waited for', 'return gone.then(() =>', 'void gone; return Promise.resolve().then(() =>'),
  supervisor(
    'too many restarts are borne',
    'if (!this.#window.admit(this.#system.clock.now()))',
    'if (!this.#window.admit(this.#system.clock.now()) && child.spec.shutdownMs !== 20)',
  ),
  paths('the farthest supervisor wins', 'found = node.value ?? found', 'found = found ?? node.value'),
  pathSupervisor('a normal exit is replaced', "message.reason === 'Normal' || ", ''),
  pathSupervisor('four attempts', 'RETRY_MS = [100, 200]', 'RETRY_MS = [100, 200, 400]'),
  pathSupervisor('restartall restarts one', "factory.strategy === 'restartone'", 'true'),
  pathSupervisor(
    'a sibling is replaced before it is gone',
    'if (Pid.process(ward.process.pid) !== undefined)',
    'if (false)',
  ),
  pathSupervisor('the eldest sibling is stopped first', 'of others.reverse()) {', 'of others) {'),
  pathSupervisor(
    'a sibling is not stopped',
    'for (const { process, monitor } of others',
    'for (const { process, monitor } of others.slice(1)',
  ),
  // transactions
  transaction(
    'the primary commits whoever wins',
    'this.commit(pid, winner.staging)',
    'this.commit(pid, primary.staging)',
  ),
  transaction('a dead actor commits', '(process.flags & DEAD) !== 0', 'false'),
  transaction('a name stays that should not', 'for (const name of done)', 'for (const name of [])'),
  transaction('staged messages are lost', 'of staging.sends)', 'of staging.sends.slice(1))'),
  transaction('the ghost does not wait for the primary', "this.policy === 'PreferPrimary'", 'false'),
  transaction('a commit forgets what was committed before', '...(extras.committed ?? [])', '...[]'),
  transaction('a run does not see what it has set', 'this.values.has(key)', 'false'),
  transaction('every ghost is a replay', 'if (!isDecided && hasFailed)', 'if (!isDecided)'),
  transaction('the first failure decides', 'ghost.value.then(ghostWins, () => reject(error))', 'reject(error)'),
  // time
  timers('timer after death', 'for (const timer of timers)', 'for (const timer of [])'),
  timers('intervals pile up', 'if (timer.untaken)', 'if (false)'),
  timerWheel('a timer comes early', 'Math.ceil(deadline)', 'Math.floor(deadline - 1)'),
  timerWheel('a timer is lost between levels', 'nodes.push(node)', 'nodes[0] = node'),
  clock(
    'an earlier timer does not move the alarm',
    'if (node.deadline < this.#armedFor)',
    'if (this.#alarm === undefined)',
  ),
  clock('an idle runtime keeps the process alive', 'this.#wheel.size === 0 && this.#keepsAlive', 'false'),
  // behaviour, virtual actors, calls, receives
  behaviour(
    'a hot swap overtakes messages',
    'if (process.size === 0 && (process.flags & BUSY) === 0) {',
    'if ((process.flags & BUSY) === 0) {',
  ),
  behaviour('a swap keeps the old code', 'process.handler = handler', 'process.handler = process.handler'),
  behaviour('history of 15', 'HISTORY = 16', 'HISTORY = 15'),
  virtual('a busy actor is deactivated', '(process.flags & (BUSY | SUSPENDED)) !== 0', 'false'),
  virtual(
    'an activation ends early',
    'activation.lastUsed) + activation.idleMs',
    'activation.lastUsed) + activation.idleMs / 2',
  ),
  calls('a call has no timeout', 'this.#clock.startAt(this, now + this.#ms)', ''),
  calls('an answered call times out', 'if (call.isPending)', 'if (true)'),
  calls('a dead target is asked', "IrisError('IRIS6002'", "IrisError('IRIS6005'"),
  pull('an eviction makes the scan miss a message', 'if (position < this.scanned)', 'if (false)'),
  pull('room is given before the system message is uncounted', 'this.#system.delivery.refill(process)', 'void process'),
  pull('a held-back actor takes messages', 'process.size > 0 && !held', 'process.size > 0'),
  // threads
  addresses('the owner of a slot hides the one before', '[...(this.#entries.get(index) ?? []), {', '[{'),
  addresses('a pid of this side is taken for one of the other', 'return mirrored ?? {', 'return {'),
  bridge('an exit on a thread is not told', "this.writeExit('exited', address, exit)", ''),
  bridge('an answer does not come back', 'this.#takeCall(extra)?.answer(message)', '0'),
  bridge('calls hang when their thread dies', 'for (const call of this.#calls.values())', 'for (const call of [])'),
  bridge('actors outlive their thread', 'this.#end(process, exit)', ''),
  bridge('a number goes to the receiver of the last', 'last.index !== index', 'false'),
  bridge('a thread does not tell that it is idle', "this.write('idle', NOBODY, this.#read, undefined)", ''),
  bridge('watching a dead actor tells nothing', "this.writeExit('exited', address, NO_PROCESS)", ''),
  standIn('only one end knows of a link', "this.bridge.write('link', this.address, 0, other)", ''),
  standIn('a kill does not cross', 'if (!this.gone)', 'if (false)'),
  bridge('an exit signal ends a link', "else if (op === 'linkExit')", 'else if (true)'),
  standIn('an exit signal does not cross', "this.bridge.writeExit('signal', this.address, exit, from)", ''),
  ring('a wake-up of a thread is lost', 'SLEEPING, AWAKE) === SLEEPING', 'SLEEPING, AWAKE) === BLOCKED'),
]
