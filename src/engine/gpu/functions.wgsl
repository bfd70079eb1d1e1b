// Shared by several kernels.

// Four values times four weights: a column for each weight.
fn outer(value: vec4f, weight: vec4f) -> mat4x4f {
    return mat4x4f(weight.x * value, weight.y * value, weight.z * value, weight.w * value);
}

// Bounded, as what exp does beyond is the device's choice.
fn sigmoid(logit: vec4f) -> vec4f {
    return 1.0 / (1.0 + exp(-clamp(logit, vec4f(-80.0), vec4f(80.0))));
}

// From a place in a map to that in its half, corners aligned.
fn scale(low: u32, high: u32) -> f32 {
    return f32(low - 1u) / f32(high - 1u);
}
