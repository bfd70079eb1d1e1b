// Map -> transformed patches (see winograd_patch.wgsl). One tile and four channels a thread.

@group(0) @binding(0) var<storage, read> map: array<Stored4>;
@group(0) @binding(1) var<storage, read_write> patches: array<Stored>;
@group(0) @binding(2) var<uniform> shape: Shape;

fn read_row(at: u32) -> PatchRow {
    return PatchRow(vec2f(f32(map[at - 1u].w), f32(map[at + 1u].x)), vec4f(map[at]));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    let tile = tile_at(id.x);
    let pitch = shape.columns + 1u;
    for (var channel = 4u * id.y; channel < 4u * id.y + 4u; channel++) {
        // The patch begins one row above the tile.
        let plane = tile.picture * shape.channels + channel;
        let at = vector_index(shape.height, shape.columns, plane, 4u * tile.row, tile.column) - pitch;
        write_patch(
            id.x, channel,
            read_row(at), read_row(at + pitch), read_row(at + 2u * pitch),
            read_row(at + 3u * pitch), read_row(at + 4u * pitch), read_row(at + 5u * pitch),
        );
    }
}
