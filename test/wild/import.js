// Packages of the corpus live in this folder's node_modules; an import is resolved from the file that holds it.
export const importWild = name => import(name)
