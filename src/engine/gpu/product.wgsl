// Products of matrices (see block.wgsl). A block a thread.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let place = place_of(id.x);
    if (place.quad >= sizes.quads) { return; }
    write_block(id.z, place, multiplied(id.z, place, 0u, sizes.depth));
}
