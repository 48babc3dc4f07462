"""The master: a widescreen deck with the workspace's colour and logo, made anew from what python-pptx brings.

Its template is made for screens of four to three; slides, layouts and theme are written over, so that no
binary file has to be kept and looked after.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml

from bilan.rendering.deck import geometry as g
from bilan.rendering.deck.geometry import Frame
from bilan.rendering.deck.palette import TYPEFACE, Palette
from bilan.rendering.deck.words import Writer, clean
from bilan.sdk.rendering import Brand

NS = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
COVER, SECTION, CONTENT = "Title Slide", "Section Header", "Title Only"
"""The layouts that are kept, by the names they have in the template."""
MESSAGE_IDX, KICKER_IDX = 13, 14
"""The places of the sentence under a title, which is a section's text, and of the part's name above it."""
_NAMES = {COVER: "Cover", SECTION: "Section", CONTENT: "One message"}


@dataclass(frozen=True, slots=True)
class Master:
    """What a master shows beside the theme: whose deck it is, and what it is about."""

    palette: Palette
    writer: Writer
    brand: Brand
    workspace: str
    title: str


def open_master(master: Master) -> Any:
    """A presentation without slides, with our three layouts."""
    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = g.WIDTH, g.HEIGHT
    _drop(deck.part.package, RT.THUMBNAIL)
    _drop(deck.part, RT.PRINTER_SETTINGS)
    for layout in list(deck.slide_layouts):
        if layout.name not in _NAMES:
            deck.slide_layouts.remove(layout)
    deck.slide_master.name = "Bilan"
    _theme(deck, master.palette)
    _shapes(deck.slide_master, _slide_master(master), "Bilan", "bg1")
    _styles(deck.slide_master, master)
    for layout in deck.slide_layouts:
        shapes, ground = _LAYOUTS[layout.name](master)
        _shapes(layout, shapes, _NAMES[layout.name], ground)
        if layout.name == "One message" and (logo := logo_of(master.brand)):
            _footer_logo(layout, master, logo)
    return deck


def layout_of(deck: Any, name: str) -> Any:
    """A layout by the name that the template gave it."""
    return next(one for one in deck.slide_layouts if one.name == _NAMES[name])


def logo_of(brand: Brand) -> bytes | None:
    """The logo, where it is one that slides can show."""
    return brand.logo if brand.logo and brand.logo_type in ("image/png", "image/jpeg") else None


def fitted(size: tuple[int, int], room: Frame) -> Frame:
    """A picture of this size as large as fits into the room, at its start."""
    wide, high = size
    scale = min(room.width / max(wide, 1), room.height / max(high, 1))
    return Frame(room.x, room.y, round(wide * scale), round(high * scale))


def _drop(part: Any, kind: str) -> None:
    relations = part._rels
    for key in [key for key, relation in relations.items() if relation.reltype == kind]:
        relations.pop(key)


def _theme(deck: Any, palette: Palette) -> None:
    part = deck.slide_master.part.part_related_by(RT.THEME)
    theme: Any = parse_xml(part.blob)
    theme.set("name", "Bilan")
    colours = {
        "dk1": palette.ink, "lt1": palette.paper, "dk2": palette.soft, "lt2": palette.soft_accent,
        **{f"accent{place}": colour for place, colour in enumerate(palette.series[:6], 1)},
        "hlink": palette.accent, "folHlink": palette.soft,
    }  # fmt: skip
    scheme = "".join(f'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>' for name, colour in colours.items())
    fonts = "".join(
        f'<a:{kind}><a:latin typeface="{TYPEFACE}"/><a:ea typeface=""/>'
        f'<a:cs typeface="{TYPEFACE}"/></a:{kind}>'
        for kind in ("majorFont", "minorFont")
    )
    for name, inner in (("clrScheme", scheme), ("fontScheme", fonts)):
        old = theme.find(f".//{{*}}{name}")
        assert old is not None  # noqa: S101 - a theme has both
        old.getparent().replace(old, parse_xml(f'<a:{name} {NS} name="Bilan">{inner}</a:{name}>'))
    part._blob = serialize_part_xml(theme)


def _shapes(target: Any, shapes: list[str], name: str, ground: str) -> None:
    content = parse_xml(
        f"<p:cSld {NS} name={quoteattr(name)}>"
        f'<p:bg><p:bgPr><a:solidFill><a:schemeClr val="{ground}"/></a:solidFill><a:effectLst/>'
        "</p:bgPr></p:bg>"
        '<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        f"{''.join(shapes)}</p:spTree></p:cSld>"
    )
    target._element.replace(target._element.cSld, content)


def _slide_master(master: Master) -> list[str]:
    direction = master.writer.direction
    return [
        _place(2, "Title", "title", g.TITLE.mirrored(direction)),
        _place(3, "Text", "body", g.BODY.mirrored(direction), idx=1),
    ]


def _cover(master: Master) -> tuple[list[str], str]:
    direction = master.writer.direction
    return [
        _box(2, "Band", g.BAND, "accent1"),
        _place(3, "Title", "ctrTitle", g.COVER_TITLE.mirrored(direction), anchor="b", size=40, strong=True),
        _place(4, "Subtitle", "subTitle", g.COVER_SUBTITLE.mirrored(direction), idx=1, size=20, colour="tx2"),
    ], "bg1"


def _section(master: Master) -> tuple[list[str], str]:
    direction = master.writer.direction
    rule = g.frame(1.25, 2.35, 0.9, 0.06).mirrored(direction)
    return [
        _box(2, "Rule", rule, "accent1"),
        _place(3, "Title", "title", g.SECTION_TITLE.mirrored(direction), anchor="t", size=36, strong=True),
        _place(4, "Text", "body", g.SECTION_TEXT.mirrored(direction), idx=MESSAGE_IDX, size=18, colour="tx2"),
    ], "bg2"


def _content(master: Master) -> tuple[list[str], str]:
    direction, writer = master.writer.direction, master.writer
    rtl = direction == "rtl"
    foot = g.FOOT.mirrored(direction)
    words = escape(clean(" · ".join(filter(None, (master.workspace, master.title)))))
    number = (
        f'<a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum"><a:rPr lang="{writer.tag}"'
        ' sz="900"><a:solidFill><a:schemeClr val="tx2"/></a:solidFill></a:rPr><a:t>‹#›</a:t></a:fld>'
    )
    run = (
        f'<a:r><a:rPr lang="{writer.tag}" sz="900"><a:solidFill><a:schemeClr val="tx2"/></a:solidFill>'
        f"</a:rPr><a:t>{words}</a:t></a:r>"
    )
    left, right = ("r", "l") if rtl else ("l", "r")
    wide = Frame(foot.x + (g.inches(3) if rtl else 0), foot.y, foot.width - g.inches(3), foot.height)
    narrow = Frame(foot.x if rtl else foot.x + foot.width - g.inches(0.8), foot.y, g.inches(0.8), foot.height)
    shapes = [
        _place(
            2, "Part", "body", g.KICKER.mirrored(direction), idx=KICKER_IDX, size=12, colour="accent1",
            strong=True,
        ),
        _place(3, "Title", "title", g.TITLE.mirrored(direction)),
        _place(4, "Message", "body", g.MESSAGE.mirrored(direction), idx=MESSAGE_IDX, size=14, colour="tx2"),
        _note(5, "Report", wide, left, run, rtl=rtl),
        _note(6, "Number", narrow, right, number, rtl=rtl),
    ]  # fmt: skip
    return shapes, "bg1"


_LAYOUTS = {COVER: _cover, SECTION: _section, CONTENT: _content}


def _place(
    number: int, name: str, kind: str, where: Frame, *, idx: int | None = None, anchor: str = "t",
    size: float | None = None, colour: str | None = None, strong: bool = False,
) -> str:  # fmt: skip
    """A placeholder; what it does not say it takes from the master's styles."""
    place = f'type="{kind}"' + (f' idx="{idx}"' if idx is not None else "")
    fill = f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill>' if colour else ""
    context = (f' sz="{round(size * 100)}"' if size else "") + (' b="1"' if strong else "")
    style = f"<a:lvl1pPr><a:defRPr{context}>{fill}</a:defRPr></a:lvl1pPr>" if context or fill else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/>'
        '<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f"<p:nvPr><p:ph {place}/></p:nvPr></p:nvSpPr><p:spPr>{_frame(where)}"
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f'<p:txBody><a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:normAutofit/>'
        "</a:bodyPr>"
        f"<a:lstStyle>{style}</a:lstStyle><a:p><a:r><a:rPr/><a:t>{name}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def _box(number: int, name: str, where: Frame, colour: str) -> str:
    """A rectangle that means nothing, in a colour of the theme."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr/><p:nvPr userDrawn="1"/>'
        "</p:nvSpPr>"
        f'<p:spPr>{_frame(where)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        f'<a:solidFill><a:schemeClr val="{colour}"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>'
        "<p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody></p:sp>"
    )


def _note(number: int, name: str, where: Frame, side: str, inner: str, *, rtl: bool) -> str:
    """Small text that is on every slide of a layout."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr txBox="1"/>'
        f'<p:nvPr userDrawn="1"/></p:nvSpPr><p:spPr>{_frame(where)}'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "<a:noFill/></p:spPr><p:txBody>"
        '<a:bodyPr wrap="square" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/>'
        f'<a:lstStyle/><a:p><a:pPr algn="{side}" rtl="{int(rtl)}"/>{inner}</a:p></p:txBody></p:sp>'
    )


def _frame(where: Frame) -> str:
    size = f'<a:ext cx="{where.width}" cy="{where.height}"/>'
    return f'<a:xfrm><a:off x="{where.x}" y="{where.y}"/>{size}</a:xfrm>'


def _styles(slide_master: Any, master: Master) -> None:
    rtl = master.writer.direction == "rtl"
    side = f'algn="{"r" if rtl else "l"}" rtl="{int(rtl)}"'

    def level(tag: str, size: int, colour: str, extra: str = "", typeface: str = "+mn") -> str:
        return (
            f"<a:{tag} {side} {extra}><a:spcBef><a:spcPts val='0'/></a:spcBef><a:buNone/>"
            f'<a:defRPr sz="{size}" kern="1200"><a:solidFill><a:schemeClr val="{colour}"/></a:solidFill>'
            f'<a:latin typeface="{typeface}-lt"/><a:ea typeface="{typeface}-ea"/>'
            f'<a:cs typeface="{typeface}-cs"/>'
            f"</a:defRPr></a:{tag}>"
        )

    title = level("lvl1pPr", 2600, "tx1", typeface="+mj").replace('kern="1200"', 'b="1" kern="1200"')
    levels = range(1, 10)
    body = "".join(level(f"lvl{one}pPr", 1600, "tx1", 'marL="0" indent="0"') for one in levels)
    other = "".join(level(f"lvl{one}pPr", 1400, "tx1", 'marL="0" indent="0"') for one in levels)
    made = parse_xml(
        f"<p:txStyles {NS}><p:titleStyle>{title}</p:titleStyle><p:bodyStyle>{body}</p:bodyStyle>"
        f"<p:otherStyle>{other}</p:otherStyle></p:txStyles>"
    )
    element = slide_master._element
    element.replace(element.find(f"{{{element.nsmap['p']}}}txStyles"), made)


def _footer_logo(layout: Any, master: Master, logo: bytes) -> None:
    image, relation = layout.part.get_or_add_image_part(io.BytesIO(logo))
    room = g.frame(0, 0.42, 1.6, 0.5)
    size = fitted(image._px_size, room)
    end = Frame(g.WIDTH - g.inches(g.MARGIN) - size.width, size.y, size.width, size.height)
    where = end.mirrored(master.writer.direction)
    described = quoteattr(clean(master.workspace) or "Logo")
    layout._element.cSld.spTree.append(
        parse_xml(
            f'<p:pic {NS}><p:nvPicPr><p:cNvPr id="9" name="Logo" descr={described}/><p:cNvPicPr>'
            '<a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr userDrawn="1"/></p:nvPicPr><p:blipFill>'
            f'<a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
            f'<p:spPr>{_frame(where)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
        )
    )
