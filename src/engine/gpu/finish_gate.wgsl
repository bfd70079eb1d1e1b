// psi's terms (see gate.wgsl) -> attention, one plane. Four pixels a thread; `id.x` counts tiles, `id.y` their rows.

@group(0) @binding(0) var<storage, read> terms: array<Stored4>;
// Its last vector begins with the bias of psi.
@group(0) @binding(1) var<storage, read> join: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> attention: array<Stored4>;
@group(0) @binding(3) var<uniform> shape: Shape;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    let tile = tile_at(id.x);
    let row = 4u * tile.row + id.y;
    if (row >= shape.height) { return; }
    let quads = shape.planes / 4u;
    let plane = (shape.height + 1u) * (shape.columns + 1u);
    var at = vector_index(shape.height, shape.columns, tile.picture * quads, row, tile.column);
    var psi = vec4f(join[2u * quads].x);
    for (var quad = 0u; quad < quads; quad++) {
        psi += vec4f(terms[at]);
        at += plane;
    }
    attention[vector_index(shape.height, shape.columns, tile.picture, row, tile.column)] = stored4(columns_inside(tile) * sigmoid(psi));
}
