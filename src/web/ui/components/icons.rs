//! The page's icons: strokes on a grid of 24, in the colour of the text around them.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Icon {
    Photos,
    Camera,
    Clipboard,
    Plus,
    Minus,
    Pencil,
    Fit,
    Compare,
    Close,
    Left,
    Right,
    Up,
    Down,
    Check,
    Alert,
    Again,
    Outdated,
    Reset,
    Ruler,
    Shield,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Photos => "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01",
            Self::Camera => {
                "M4 8h4l1.5-3h5L16 8h4v11H4zM12 16.5a3.25 3.25 0 1 0 0-6.5 3.25 3.25 0 0 0 0 6.5z"
            }
            Self::Clipboard => "M9 4h6v3H9zM9 5H6v15h12V5h-3M9 12h6M9 16h4",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Minus => "M5 12h14",
            Self::Pencil => "M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM13.5 7l3.5 3.5",
            Self::Fit => "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
            Self::Compare => "M12 3v18M9 8l-4 4 4 4M15 8l4 4-4 4",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Left => "M14 6l-6 6 6 6",
            Self::Right => "M10 6l6 6-6 6",
            Self::Up => "M6 15l6-6 6 6",
            Self::Down => "M6 9l6 6 6-6",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Alert => "M12 4l9 16H3zM12 10v4.5M12 17.2v.01",
            Self::Again => "M20 12a8 8 0 1 1-2.6-5.9M20 4v5h-5",
            Self::Outdated => "M5 9h14M5 15h14M15 4L9 20",
            Self::Reset => "M4 12a8 8 0 1 0 2.6-5.9M4 4v5h5",
            Self::Ruler => "M3 15L15 3l6 6L9 21zM6.5 11.5l2 2M10 8l3 3M13.5 4.5l2 2",
            Self::Shield => "M12 3l7 3v5c0 5-3 8.5-7 10-4-1.5-7-5-7-10V6zM9 12l2.2 2.2L15.2 10",
        }
    }
}

/// Draws an icon. It has no name of its own: the control around it has.
#[component]
pub(super) fn Glyph(icon: Icon) -> impl IntoView {
    view! {
        <svg class="cs-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path() />
        </svg>
    }
    .into_any()
}
