// Shared by all kernels that read or write feature maps: the sizes of one launch, and where a feature map keeps its pixels.
//
// A map holds planes of `columns` vectors (four pixels side by side) by `height` rows. One vector of zeros precedes
// every row and one row of zeros every plane, so the border of a plane is its neighbours' and reading beyond an edge
// gives zero without a check. Plane of channel c of picture n: n * channels + c.
//
// The Winograd kernels cut a map into tiles of 4x4 pixels: a tile's column is a vector's column. A launch does the
// `tiles` of the rows of tiles from `first_row` on; rows are counted through all pictures.

struct Shape {
    // Of the map at the kernel's own resolution.
    height: u32,
    width: u32,
    columns: u32,
    channels: u32,
    // Of the map at half the resolution (upsampling, gate, pooling); unused elsewhere.
    low_height: u32,
    low_width: u32,
    low_columns: u32,
    // Rows of tiles in a picture, the first of this launch, and tiles in it.
    tile_rows: u32,
    first_row: u32,
    tiles: u32,
    // Of the transformed tiles: values in a plane, planes at each of the 36 positions, and the first plane to write.
    stride: u32,
    planes: u32,
    first_plane: u32,
}

fn vector_index(height: u32, columns: u32, plane: u32, row: u32, column: u32) -> u32 {
    return (plane * (height + 1u) + row + 1u) * (columns + 1u) + column + 1u;
}
