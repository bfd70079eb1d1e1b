// Products of matrices (see block.wgsl) of few blocks and many inputs: four threads share a block, a quarter of the inputs
// each, so that a GPU with room for many threads does not wait for a few that read one value after the other. Neighbours
// have the same quarter, as they read the same weights.

const SLICES: u32 = 4u;
// In a workgroup.
const BLOCKS: u32 = 32u;
// Blocks of half the threads, [16, threads]: as much as WebGPU grants everywhere.
const HALF: u32 = SLICES / 2u * BLOCKS;
var<workgroup> kept: array<Computed4, 16u * HALF>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let slice = thread / BLOCKS;
    let place = place_of(BLOCKS * group.x + thread % BLOCKS);
    // What has no block goes along with the last, as all have to meet below.
    let near = Place(min(place.quad, sizes.quads - 2u), place.one, place.other);
    let depth = sizes.depth / SLICES;
    var block = multiplied(group.z, near, slice * depth, depth);
    if (slice >= 2u) { keep(thread - HALF, block); }
    workgroupBarrier();
    if (slice < 2u) { block = with_kept(thread, block); }
    workgroupBarrier();
    if (slice == 1u) { keep(thread - BLOCKS, block); }
    workgroupBarrier();
    if (slice == 0u && place.quad < sizes.quads) { write_block(group.z, place, with_kept(thread, block)); }
}

fn keep(at: u32, block: Block) {
    keep_part(at, block.a);
    keep_part(at + 4u * HALF, block.b);
    keep_part(at + 8u * HALF, block.c);
    keep_part(at + 12u * HALF, block.d);
}

fn keep_part(at: u32, part: Computed4x4) {
    kept[at] = part[0];
    kept[at + HALF] = part[1];
    kept[at + 2u * HALF] = part[2];
    kept[at + 3u * HALF] = part[3];
}

fn with_kept(at: u32, block: Block) -> Block {
    return Block(
        block.a + kept_part(at), block.b + kept_part(at + 4u * HALF),
        block.c + kept_part(at + 8u * HALF), block.d + kept_part(at + 12u * HALF),
    );
}

fn kept_part(at: u32) -> Computed4x4 {
    return Computed4x4(kept[at], kept[at + HALF], kept[at + 2u * HALF], kept[at + 3u * HALF]);
}
