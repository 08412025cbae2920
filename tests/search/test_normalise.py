"""Messages are read whichever way they are typed."""

import pytest

from bot.search.keyboard import is_syllable, undo_telex, undo_vni
from bot.search.normalise import MAX_CHARS, Normaliser, word_of, words_of
from bot.search.spelling import sound, split_joined

PROPER = "làm giấy khai sinh cho con ở đâu không được mã xác thực người lạ sổ hồ sơ nhà cháu"


@pytest.fixture(scope="module")
def normaliser() -> Normaliser:
    made = Normaliser(
        {"gks": "giấy khai sinh", "ko": "không", "dc": "được", "vi nét ai đi": "vneid"},
        {"mô": "đâu", "mần": "làm", "rứa": "", "sổ thông hành": "hộ chiếu"},
    )
    made.learn([PROPER])
    return made


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("làm giấy khai sinh", "lam giay khai sinh"),
        ("LÀM GIẤY KHAI SINH!!!", "lam giay khai sinh"),
        ("lamf giaays khai sinh", "lam giay khai sinh"),
        ("lam2 giay61 khai sinh1", "lam giay khai sinh"),
        ("khoong dduwowcj", "khong duoc"),
        ("max xacs thuwcj", "ma xac thuc"),
        ("gks ko dc", "giay khai sinh khong duoc"),
        ("mần ở mô rứa", "lam o dau"),
        ("mở sổ", "mo so"),
        ("vi net ai di", "vneid"),
        ("so thong hanh", "ho chieu"),
        ("khaisinh", "khai sinh"),
        ("giấyyyy", "giay"),
        ("gọi 0905123456", "goi 0000"),
        ("mức 2", "muc 2"),
        ("", ""),
        ("?! 👍", ""),
    ],
)
def test_a_message_is_read(normaliser: Normaliser, typed: str, read: str) -> None:
    assert " ".join(word.folded for word in normaliser.words(typed)) == read


def test_a_short_word_alone_is_not_taken_for_telex(normaliser: Normaliser) -> None:
    assert [word.folded for word in normaliser.words("pro max")] == ["pro", "max"]


def test_dialect_without_marks_is_left_alone(normaliser: Normaliser) -> None:
    assert [word.folded for word in normaliser.words("mo")] == ["mo"]


def test_a_very_long_message_is_cut(normaliser: Normaliser) -> None:
    assert len(normaliser.words("con " * 4_000)) <= MAX_CHARS // 4
    assert len(normaliser.words("x" * 4_000)) == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ddawng", "đăng"), ("kys", "ký"), ("chuyeern", "chuyển"), ("truowngf", "trường"),
        ("nguwowif", "người"), ("nguowif", "người"), ("thuoocs", "thuốc"), ("hoaj", "hoạ"),
        ("tooi", "tôi"), ("muaw", "mưa"), ("khai", "khai"), ("sinh", "sinh"),
    ],
)  # fmt: skip
def test_telex_is_undone(typed: str, meant: str) -> None:
    assert word_of(undo_telex(typed)) == word_of(meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("d9a8ng", "đăng"), ("ky1", "ký"), ("tuye6n1", "tuyến"), ("truo7ng2", "trường"),
        ("tre6n", "trên"), ("ho62", "hồ"), ("giay61", "giấy"),
        ("nguoi72", "người"), ("ngu7o7i2", "người"), ("kt3", "kt3"),
    ],
)  # fmt: skip
def test_vni_is_undone(typed: str, meant: str) -> None:
    assert word_of(undo_vni(typed)) == word_of(meant)


@pytest.mark.parametrize("word", ["nghieng", "khuya", "quyet", "gi", "oai", "thuong", "y"])
def test_syllables_are_known_as_such(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["giaays", "owr", "max", "vneid", "dd", "", "xz"])
def test_other_words_are_not_syllables(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("one", "other"),
    [("xinh", "sin"), ("han", "hang"), ("tru", "chu"), ("giay", "day"), ("khuyet", "khuyec")],
)
def test_what_sounds_alike_is_one_sound(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_a_tone_stands_at_the_end_wherever_it_was_put() -> None:
    assert words_of("hòa") == words_of("hoà")
    assert words_of("hòa") != words_of("hóa")


def test_two_syllables_written_as_one_come_apart() -> None:
    assert split_joined("khaisinh", {"khai", "sinh"}) == ("khai", "sinh")
    assert split_joined("khaisinh", {"khai"}) == ()
