"""What an uploaded file really is, judged by its content and never by what the browser says."""

import filetype  # type: ignore[import-untyped]

from bot.types import MediaKind

PHOTO_TYPES = ("image/jpeg", "image/png", "image/webp")
VOICE_TYPES = ("audio/ogg", "audio/webm", "audio/mp4")
# The first boxes of a file tell whether it holds pictures; phones write them at the start.
_HEAD = 8192
# One container holds sound or film. If these marks of film are in it, it isn't a voice note.
_FILM = {
    "audio/webm": (b"V_VP", b"V_AV1", b"V_MPEG"),
    "audio/ogg": (b"theora",),
    "audio/mp4": (b"vide",),
}
_SAME = {"video/webm": "audio/webm", "video/mp4": "audio/mp4", "video/ogg": "audio/ogg"}


def judge(content: bytes) -> tuple[MediaKind, str] | None:
    """Kind and MIME type of a photo or voice note, None for anything else."""
    guess = filetype.guess(content[:_HEAD])
    mime = guess.mime if guess else _iso_media(content)
    if mime in PHOTO_TYPES:
        return "photo", mime
    mime = _SAME.get(mime, mime)
    if mime in VOICE_TYPES and not any(mark in content[:_HEAD] for mark in _FILM[mime]):
        return "voice", mime
    return None


def _iso_media(content: bytes) -> str:
    """Safari's recorder writes brands ("iso5") that `filetype` does not know."""
    return "audio/mp4" if content[4:11] == b"ftypiso" else ""


def without_whereabouts(content: bytes, mime: str) -> bytes:
    """A photo without EXIF and XMP, in which phones note where it was taken.

    The page does the same by redrawing the photo; this is for browsers that can't.
    """
    if mime != "image/jpeg":
        return content
    kept, at = bytearray(content[:2]), 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if content[at + 1] != 0xE1:
            kept += content[at:end]
        at = end
    return bytes(kept) + content[at:]
