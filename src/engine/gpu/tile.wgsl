// Shared by the kernels that walk over tiles of 4x4 pixels.

struct Tile { picture: u32, row: u32, column: u32 }

fn tile_at(index: u32) -> Tile {
    let row = shape.first_row + index / shape.columns;
    return Tile(row / shape.tile_rows, row % shape.tile_rows, index % shape.columns);
}
