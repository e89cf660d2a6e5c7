import fc from 'fast-check'

/**
 * Random functions as plain trees (the shape of ESTree, without positions), and their text. Every compound expression
 * is printed in parentheses, which the parser does not keep, so that reading the text back must give the tree.
 */
export type Tree = { readonly type: string } & Readonly<Record<string, unknown>>

const names = fc.constantFrom('a', 'b', 'c', 'x', 'y')
const lexicalNames = fc.constantFrom('l', 'm', 'n')
const identifier = names.map((name): Tree => ({ type: 'Identifier', name }))
const anyIdentifier = fc.oneof(names, lexicalNames).map((name): Tree => ({ type: 'Identifier', name }))
const literal = fc.oneof(
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value): Tree => ({ type: 'Literal', value })),
  fc.constantFrom(true, false, null, 'text', 'it\'s "quoted"\n').map((value): Tree => ({ type: 'Literal', value })),
)

const block = (body: readonly Tree[]): Tree => ({ type: 'BlockStatement', body })
const declaration = (kind: string, id: Tree, init: Tree | null): Tree => ({
  type: 'VariableDeclaration',
  kind,
  declarations: [{ type: 'VariableDeclarator', id, init }],
})
const parts = { id: null, generator: false, async: false }

export const programs = fc.letrec<{ expression: Tree; statement: Tree; target: Tree; body: Tree; parameters: Tree[] }>(
  tie => {
    const expression = tie('expression')
    const body = tie('body')
    const property = fc.tuple(names, expression).map(
      ([name, value]): Tree => ({
        type: 'Property',
        key: { type: 'Identifier', name },
        value,
        kind: 'init',
        method: false,
        shorthand: false,
        computed: false,
      }),
    )
    const member = fc.oneof(
      fc.tuple(anyIdentifier, names).map(
        ([object, name]): Tree => ({
          type: 'MemberExpression',
          object,
          property: { type: 'Identifier', name },
          computed: false,
          optional: false,
        }),
      ),
      fc.tuple(anyIdentifier, expression).map(
        ([object, index]): Tree => ({
          type: 'MemberExpression',
          object,
          property: index,
          computed: true,
          optional: false,
        }),
      ),
    )
    const pattern = fc.oneof(
      { weight: 4, arbitrary: identifier },
      {
        weight: 1,
        arbitrary: fc
          .uniqueArray(names, { minLength: 1, maxLength: 2 })
          .map((list): Tree => ({ type: 'ArrayPattern', elements: list.map(name => ({ type: 'Identifier', name })) })),
      },
    )
    const parameter = fc.oneof(
      { weight: 4, arbitrary: identifier },
      {
        weight: 1,
        arbitrary: fc
          .tuple(identifier, literal)
          .map(([left, right]): Tree => ({ type: 'AssignmentPattern', left, right })),
      },
    )
    const head = fc.tuple(tie('parameters'), body)
    const operators = {
      binary: ['+', '-', '*', '%', '>>>', '<', '===', '**', 'in'],
      logical: ['&&', '||', '??'],
      unary: ['-', '+', '~', 'typeof'],
      assign: ['=', '+=', '>>=', '**='],
    }
    return {
      parameters: fc.uniqueArray(parameter, {
        maxLength: 3,
        selector: tree => JSON.stringify(tree.name ?? (tree.left as Tree).name),
      }),
      target: fc.oneof({ weight: 3, arbitrary: anyIdentifier }, { weight: 1, arbitrary: member }),
      body: fc.array(tie('statement'), { maxLength: 4, depthIdentifier: 'nesting' }).map(block),
      expression: fc.oneof(
        { depthIdentifier: 'nesting', maxDepth: 5, withCrossShrink: true },
        { weight: 4, arbitrary: anyIdentifier },
        { weight: 3, arbitrary: literal },
        {
          weight: 3,
          arbitrary: fc
            .tuple(fc.constantFrom(...operators.binary), expression, expression)
            .map(([operator, left, right]): Tree => ({ type: 'BinaryExpression', operator, left, right })),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom(...operators.logical), expression, expression)
            .map(([operator, left, right]): Tree => ({ type: 'LogicalExpression', operator, left, right })),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom(...operators.unary), expression)
            .map(([operator, argument]): Tree => ({ type: 'UnaryExpression', operator, prefix: true, argument })),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(fc.constantFrom('++', '--'), fc.boolean(), tie('target'))
            .map(([operator, prefix, argument]): Tree => ({ type: 'UpdateExpression', operator, prefix, argument })),
        },
        {
          weight: 2,
          arbitrary: fc
            .tuple(fc.constantFrom(...operators.assign), tie('target'), expression)
            .map(([operator, left, right]): Tree => ({ type: 'AssignmentExpression', operator, left, right })),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(expression, expression, expression)
            .map(
              ([test, consequent, alternate]): Tree => ({ type: 'ConditionalExpression', test, consequent, alternate }),
            ),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(anyIdentifier, fc.array(expression, { maxLength: 2 }))
            .map(([callee, args]): Tree => ({ type: 'CallExpression', callee, arguments: args, optional: false })),
        },
        { weight: 1, arbitrary: member },
        {
          weight: 1,
          arbitrary: fc
            .array(expression, { maxLength: 3 })
            .map((elements): Tree => ({ type: 'ArrayExpression', elements })),
        },
        {
          weight: 1,
          arbitrary: fc
            .array(property, { maxLength: 2 })
            .map((properties): Tree => ({ type: 'ObjectExpression', properties })),
        },
        {
          weight: 1,
          arbitrary: head.map(
            ([params, inner]): Tree => ({
              type: 'ArrowFunctionExpression',
              ...parts,
              expression: false,
              params,
              body: inner,
            }),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(tie('parameters'), expression).map(
            ([params, inner]): Tree => ({
              type: 'ArrowFunctionExpression',
              ...parts,
              expression: true,
              params,
              body: inner,
            }),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(fc.option(identifier), head).map(
            ([id, [params, inner]]): Tree => ({
              type: 'FunctionExpression',
              ...parts,
              expression: false,
              id,
              params,
              body: inner,
            }),
          ),
        },
      ),
      statement: fc.oneof(
        { depthIdentifier: 'nesting', maxDepth: 4, withCrossShrink: true },
        { weight: 4, arbitrary: expression.map((e): Tree => ({ type: 'ExpressionStatement', expression: e })) },
        { weight: 2, arbitrary: fc.tuple(pattern, expression).map(([id, init]) => declaration('var', id, init)) },
        { weight: 1, arbitrary: identifier.map(id => declaration('var', id, null)) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(fc.constantFrom('let', 'const'), lexicalNames, expression)
            .map(([kind, name, init]) => declaration(kind, { type: 'Identifier', name }, init)),
        },
        {
          weight: 1,
          arbitrary: fc.option(expression).map((argument): Tree => ({ type: 'ReturnStatement', argument })),
        },
        {
          weight: 1,
          arbitrary: fc
            .tuple(expression, body, fc.option(body))
            .map(([test, consequent, alternate]): Tree => ({ type: 'IfStatement', test, consequent, alternate })),
        },
        { weight: 1, arbitrary: body },
        {
          weight: 1,
          arbitrary: fc
            .tuple(expression, body)
            .map(([test, inner]): Tree => ({ type: 'WhileStatement', test, body: inner })),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(fc.constantFrom('let', 'var'), expression, expression, expression, body).map(
            ([kind, init, test, update, inner]): Tree => ({
              type: 'ForStatement',
              init: declaration(kind, { type: 'Identifier', name: kind === 'let' ? 'l' : 'a' }, init),
              test,
              update,
              body: inner,
            }),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(fc.constantFrom('let', 'const', 'var'), expression, body).map(
            ([kind, right, inner]): Tree => ({
              type: 'ForOfStatement',
              await: false,
              left: declaration(kind, { type: 'Identifier', name: kind === 'var' ? 'b' : 'm' }, null),
              right,
              body: inner,
            }),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(identifier, body, body).map(
            ([param, tried, caught]): Tree => ({
              type: 'TryStatement',
              block: tried,
              handler: { type: 'CatchClause', param, body: caught },
              finalizer: null,
            }),
          ),
        },
        {
          weight: 1,
          arbitrary: fc.tuple(identifier, head).map(
            ([id, [params, inner]]): Tree => ({
              type: 'FunctionDeclaration',
              ...parts,
              expression: false,
              id,
              params,
              body: inner,
            }),
          ),
        },
      ),
    }
  },
)

/** A function in one of the shapes that Function.prototype.toString gives. */
export const functions = fc.oneof(
  fc.tuple(programs.parameters, programs.body, fc.option(names)).map(
    ([params, body, name]): Tree => ({
      type: 'FunctionExpression',
      ...parts,
      expression: false,
      id: name === null ? null : { type: 'Identifier', name },
      params,
      body,
    }),
  ),
  fc
    .tuple(programs.parameters, programs.body)
    .map(([params, body]): Tree => ({ type: 'ArrowFunctionExpression', ...parts, expression: false, params, body })),
  fc
    .tuple(programs.parameters, programs.expression)
    .map(([params, body]): Tree => ({ type: 'ArrowFunctionExpression', ...parts, expression: true, params, body })),
)

const list = (trees: unknown, separator = ', '): string => (trees as Tree[]).map(print).join(separator)

/** The text of a tree. */
export function print(tree: Tree): string {
  const sub = (key: string): string => print(tree[key] as Tree)
  const optional = (key: string, before = ''): string => (tree[key] ? before + sub(key) : '')
  switch (tree.type) {
    case 'Identifier':
      return String(tree.name)
    case 'Literal':
      return JSON.stringify(tree.value)
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression':
      return `(${sub('left')} ${String(tree.operator)} ${sub('right')})`
    case 'AssignmentPattern':
      return `${sub('left')} = ${sub('right')}`
    case 'UnaryExpression':
      return `(${String(tree.operator)} ${sub('argument')})`
    case 'UpdateExpression':
      return tree.prefix
        ? `(${String(tree.operator)}${sub('argument')})`
        : `(${sub('argument')}${String(tree.operator)})`
    case 'ConditionalExpression':
      return `(${sub('test')} ? ${sub('consequent')} : ${sub('alternate')})`
    case 'CallExpression':
      return `${sub('callee')}(${list(tree.arguments)})`
    case 'MemberExpression':
      return tree.computed ? `${sub('object')}[${sub('property')}]` : `${sub('object')}.${sub('property')}`
    case 'ArrayExpression':
    case 'ArrayPattern':
      return `[${list(tree.elements)}]`
    case 'ObjectExpression':
      return `({ ${list(tree.properties)} })`
    case 'Property':
      return `${sub('key')}: ${sub('value')}`
    case 'ArrowFunctionExpression':
      return `((${list(tree.params)}) => ${sub('body')})`
    case 'FunctionExpression':
      return `(function ${optional('id')}(${list(tree.params)}) ${sub('body')})`
    default:
      return printStatement(tree, sub, optional)
  }
}

function printStatement(
  tree: Tree,
  sub: (key: string) => string,
  optional: (key: string, before?: string) => string,
): string {
  switch (tree.type) {
    case 'FunctionDeclaration':
      return `function ${sub('id')}(${list(tree.params)}) ${sub('body')}`
    case 'ExpressionStatement':
      return `(${sub('expression')});`
    case 'VariableDeclaration':
      return `${String(tree.kind)} ${list(tree.declarations)};`
    case 'VariableDeclarator':
      return `${sub('id')}${optional('init', ' = ')}`
    case 'ReturnStatement':
      return `return ${optional('argument')};`
    case 'IfStatement':
      return `if (${sub('test')}) ${sub('consequent')}${optional('alternate', ' else ')}`
    case 'BlockStatement':
      return `{ ${list(tree.body, ' ')} }`
    case 'WhileStatement':
      return `while (${sub('test')}) ${sub('body')}`
    case 'ForStatement':
      return `for (${sub('init')} ${sub('test')}; ${sub('update')}) ${sub('body')}`
    case 'ForOfStatement':
      return `for (${sub('left').slice(0, -1)} of ${sub('right')}) ${sub('body')}`
    case 'TryStatement':
      return `try ${sub('block')} catch (${print((tree.handler as Tree).param as Tree)}) ${print((tree.handler as Tree).body as Tree)}`
    default:
      throw new Error(`no text for ${tree.type}`)
  }
}

/** The text as Function.prototype.toString would give it: without the outer parentheses. */
export function printFunction(tree: Tree): string {
  return print(tree).slice(1, -1)
}
