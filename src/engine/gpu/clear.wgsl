// Fills a buffer with zeros.

@group(0) @binding(0) var<storage, read_write> values: array<Stored4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let length = arrayLength(&values);
    for (var index = id.x; index < length; index += 64u * groups.x) {
        values[index] = Stored4();
    }
}
