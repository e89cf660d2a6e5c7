export const handler = 'not a function, and not the default'
