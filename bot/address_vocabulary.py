"""The words around the names in an address: what marks a unit, a street, a landmark, a team.

All without diacritics and, where they are several words ("thị xã"), without the spaces.
"""

from bot.syllables import syllable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNIT_MARKERS = {
    "phuong": "phuong", "p": "phuong", "ph": "phuong", "f": "phuong", "phg": "phuong",
    "phuog": "phuong", "puong": "phuong", "fuong": "phuong",
    "xa": "xa", "x": "xa", "thitran": "thi tran", "tt": "thi tran",
    "dackhu": "dac khu", "huyendao": "huyen",
}  # fmt: skip
DISTRICT_MARKERS = {
    "quan": "quan", "q": "quan", "qun": "quan", "huyen": "huyen", "h": "huyen", "huyn": "huyen",
    "tx": "thi xa", "thixa": "thi xa", "tp": "thanh pho", "thanhpho": "thanh pho",
    "tinh": "tinh",
}  # fmt: skip
MARKERS = UNIT_MARKERS | DISTRICT_MARKERS
LONGEST_FIRST = sorted(MARKERS, key=len, reverse=True)
UNIT_KINDS = frozenset({"phuong", "xa", "thi tran", "dac khu"})
DISTRICT_KINDS = frozenset(DISTRICT_MARKERS.values())
# How the markers look with their diacritics; "Phương" is no "phường", "xa" (far) no "xã".
PROPER = {
    syllable(word).plain: syllable(word) for word in ("phường", "xã", "quận", "huyện", "tỉnh")
}
COMPASS = _words("bac nam dong tay trung")

TEAM_WORDS = _words(
    "to thon tdp kp khoi khu ap xom noc ban buon nhom khoipho khupho todanpho danpho"
)
STREET_WORDS = _words("duong dg kiet hem ngo ngach pho ql dt lo quoclo tinhlo so sonha k dh")
LANDMARKS = _words(
    "cho cau truong thcs thpt th thtt mamnon benhvien bv tramyte chua nhatho dinh benxe ga sanbay "
    "kcn congnghiep kdt dothi kdc dancu chungcu congvien bien baibien sieuthi ngatu ngaba cang "
    "trungtam ho khachsan karaoke resort tieuhoc trunghoc"
)
# What is said around an address and means nothing for it.
FILLERS = _words(
    "toi tui minh em con chau co chu anh chi ong ba o tai thuoc nha dia da a ah oi nhe voi dang "
    "song cua ben gan khuvuc vung la thi thuong tru tam hokhau hien nay truoc vn vietnam viet cu "
    "moi day do nghe gio ve xin chao bot duoc khong can giup va cung"
)
# After an address these begin what is wanted.
WANTING = _words("can muon xin giup nho hoi lam bi nhung ma gap de")
# A name after one of these is where somebody lives; right after these (second), a person's.
LOCATING = _words("o tai thuoc ve song ben")
PERSONS = _words("anh chi ong ba co chu ten thay")

MAX_NAME_WORDS = 5
# A misspelt name doesn't contain these; a name and its marker together may look like one.
NOT_IN_NAMES = _words("xa thi quan huyen tp tx tt p q h x thon tdp kiet hem")
SHORT_MARKERS = _words("p x q h tp tx tt")
NOT_AT_FIRST = MARKERS.keys() | TEAM_WORDS | STREET_WORDS
