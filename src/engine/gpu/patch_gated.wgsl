// Skip map times attention -> transformed patches (see winograd_patch.wgsl). One tile and four channels a thread.

@group(0) @binding(0) var<storage, read> map: array<Stored4>;
@group(0) @binding(1) var<storage, read> attention: array<Stored4>;
@group(0) @binding(2) var<storage, read_write> patches: array<Stored>;
@group(0) @binding(3) var<uniform> shape: Shape;

fn attention_row(at: u32) -> PatchRow {
    return PatchRow(vec2f(f32(attention[at - 1u].w), f32(attention[at + 1u].x)), vec4f(attention[at]));
}

fn read_row(at: u32, gate: PatchRow) -> PatchRow {
    return PatchRow(gate.ends * vec2f(f32(map[at - 1u].w), f32(map[at + 1u].x)), gate.middle * vec4f(map[at]));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if (id.x >= shape.tiles) { return; }
    let tile = tile_at(id.x);
    let pitch = shape.columns + 1u;
    let gate_at = vector_index(shape.height, shape.columns, tile.picture, 4u * tile.row, tile.column) - pitch;
    let a = attention_row(gate_at);
    let b = attention_row(gate_at + pitch);
    let c = attention_row(gate_at + 2u * pitch);
    let d = attention_row(gate_at + 3u * pitch);
    let e = attention_row(gate_at + 4u * pitch);
    let f = attention_row(gate_at + 5u * pitch);
    for (var channel = 4u * id.y; channel < 4u * id.y + 4u; channel++) {
        let plane = tile.picture * shape.channels + channel;
        let at = vector_index(shape.height, shape.columns, plane, 4u * tile.row, tile.column) - pitch;
        write_patch(
            id.x, channel,
            read_row(at, a), read_row(at + pitch, b), read_row(at + 2u * pitch, c),
            read_row(at + 3u * pitch, d), read_row(at + 4u * pitch, e), read_row(at + 5u * pitch, f),
        );
    }
}
