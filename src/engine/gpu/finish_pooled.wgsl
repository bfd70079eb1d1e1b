// Products -> map, and the map's largest values of 2x2 (see winograd_tile.wgsl). One tile and channel a thread.

@group(0) @binding(0) var<storage, read> products: array<Stored>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read_write> map: array<Stored4>;
@group(0) @binding(3) var<storage, read_write> pooled: array<Stored2>;
@group(0) @binding(4) var<uniform> shape: Shape;

fn pool(upper: vec4f, lower: vec4f) -> vec2f {
    let largest = max(upper, lower);
    return max(largest.xz, largest.yw);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    let tile = tile_at(id.x);
    let rows = read_tile(id.x, id.y);
    let plane = tile.picture * shape.planes + id.y;
    let at = vector_index(shape.height, shape.columns, plane, 4u * tile.row, tile.column);
    let pitch = shape.columns + 1u;
    // Height and width are even.
    let inside = columns_inside(tile);
    let a = inside * rows.a;
    let b = inside * rows.b;
    let pooled_at = 2u * vector_index(shape.low_height, shape.low_columns, plane, 2u * tile.row, 0u) + tile.column;
    map[at] = stored4(a);
    map[at + pitch] = stored4(b);
    pooled[pooled_at] = stored2(pool(a, b));
    if (shape.height - 4u * tile.row > 2u) {
        let c = inside * rows.c;
        let d = inside * rows.d;
        map[at + 2u * pitch] = stored4(c);
        map[at + 3u * pitch] = stored4(d);
        pooled[pooled_at + 2u * (shape.low_columns + 1u)] = stored2(pool(c, d));
    }
}
