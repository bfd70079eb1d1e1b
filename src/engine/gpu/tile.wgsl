// Shared by the kernels that walk over tiles of 4x4 pixels.

struct Tile { picture: u32, row: u32, column: u32 }

fn tile_at(index: u32) -> Tile {
    let row = shape.first_row + index / shape.columns;
    return Tile(row / shape.tile_rows, row % shape.tile_rows, index % shape.columns);
}

// 1 at each of the tile's columns that lies in the map, 0 at those beyond its edge, where a map's last tiles stay zero.
fn columns_inside(tile: Tile) -> vec4f {
    return vec4f(vec4u(0u, 1u, 2u, 3u) + 4u * tile.column < vec4u(shape.width));
}
