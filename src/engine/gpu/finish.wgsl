// Products -> map (see winograd_tile.wgsl). One tile and channel a thread.

@group(0) @binding(0) var<storage, read> products: array<Stored>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> map: array<Stored4>;
@group(0) @binding(3) var<uniform> shape: Shape;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    let tile = tile_at(id.x);
    let rows = read_tile(id.x, id.y);
    let plane = tile.picture * shape.planes + id.y;
    let at = vector_index(shape.height, shape.columns, plane, 4u * tile.row, tile.column);
    let pitch = shape.columns + 1u;
    let inside = columns_inside(tile);
    let below = shape.height - 4u * tile.row;
    map[at] = stored4(inside * rows.a);
    if (below > 1u) { map[at + pitch] = stored4(inside * rows.b); }
    if (below > 2u) { map[at + 2u * pitch] = stored4(inside * rows.c); }
    if (below > 3u) { map[at + 3u * pitch] = stored4(inside * rows.d); }
}
