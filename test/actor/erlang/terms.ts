import type { Command, Script, Slot, Step } from './script.ts'

/** The script as an Erlang term, for `file:consult`. */
export function termOf({ seed, steps }: Script, scale: number): string {
  return `{${seed}, ${scale}, [${steps.map(stepTerm).join(', ')}]}.`
}

function stepTerm(step: Step): string {
  switch (step.step) {
    case 'do':
      return `{do, ${slotTerm(step.who)}, ${commandTerm(step.command)}}`
    case 'sleep':
      return `{sleep, ${step.units}}`
    case 'supervise': {
      const children = step.children.map((restart, id) => `{${id}, ${restart}}`)
      return `{supervise, ${step.supervisor}, ${step.strategy}, ${step.intensity}, [${children}]}`
    }
    default:
      return `{${step.step}, ${step.supervisor}}`
  }
}

function slotTerm(slot: Slot): string {
  return `{${slot.join(', ')}}`
}

function target(slot: Slot): string {
  return `{slot, ${slotTerm(slot)}}`
}

function commandTerm(command: Command): string {
  switch (command.do) {
    case 'send':
      return `{send, ${target(command.to)}, ${command.tag}, ${command.n}}`
    case 'exit':
      return `{exit, ${target(command.to)}, ${command.reason}}`
    case 'register':
      return `{register, ${target(command.to)}, ${command.name}}`
    case 'send_after':
      return `{send_after, ${target(command.to)}, {${command.units}, ${command.tag}}, ${command.n}}`
    case 'send_after_named':
      return `{send_after_named, ${command.name}, {${command.units}, ${command.tag}}, ${command.n}}`
    case 'send_named':
      return `{send_named, ${command.name}, ${command.tag}, ${command.n}}`
    case 'recv':
      return `{recv, ${command.tag}, ${command.units === Number.POSITIVE_INFINITY ? 'infinity' : command.units}}`
    case 'die':
      return `{die, ${command.reason}}`
    case 'trap':
      return `{trap, ${command.on}}`
    case 'demonitor':
    case 'cancel':
      return `{${command.do}, ${command.which}}`
    case 'unregister':
    case 'whereis':
      return `{${command.do}, ${command.name}}`
    default:
      return `{${command.do}, ${target(command.to)}}`
  }
}
