/** Replaces every `$ref` by what it points to, so that a schema stands alone (as a CRD must). */
export function inline(schema, sources) {
  const walk = (node, home) => {
    if (Array.isArray(node)) return node.map((item) => walk(item, home))
    if (node === null || typeof node !== 'object') return node
    if (typeof node.$ref === 'string') {
      const { $ref, ...beside } = node
      const [file, pointer] = $ref.split('#')
      const owner = file === '' ? home : sources.get(file)
      if (owner === undefined) throw new Error(`unknown schema ${file} in $ref ${$ref}`)
      const target = pointer
        .split('/')
        .slice(1)
        .reduce((at, key) => at?.[key], owner)
      if (target === undefined) throw new Error(`$ref ${$ref} points to nothing`)
      return { ...walk(target, owner), ...beside }
    }
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value, home)]))
  }
  const { $id: _id, $schema: _schema, definitions: _definitions, ...root } = schema
  return walk(root, schema)
}
