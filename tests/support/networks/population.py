"""A world with an account on every network, months of posts and days, drawn the same way every time."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from support.networks.content import jpeg, png
from support.networks.identifiers import snowflake, tid, video
from support.networks.meta.insights import WITHDRAWN
from support.networks.world import Account, Comment, Day, Form, Network, Person, Post, Token, World
from support.networks.youtube import SCOPES

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
"""A Friday."""
MASTODON_TOKEN = "ZA-Yj3aBD8U8Cm7lKUp-lm9O9BmDgdhHzDeqsY8tlL0"
BLUESKY_PASSWORD = "abcd-efgh-ijkl-mnop"
META_TOKEN = "EAAuser"
PAGE_TOKEN, OTHER_PAGE_TOKEN = "EAApage1", "EAApage2"
YOUTUBE_KEY, YOUTUBE_TOKEN, YOUTUBE_REFRESH = "AIzaSyKey", "ya29.token", "1//refresh"
PAGE, OTHER_PAGE, INSTAGRAM = "106391075531104", "106391075531105", "17841405309211844"
CHANNEL, DID = "UC_x5XG1OV2P6uZZ5FSM9Ttw", "did:plc:z72i7hdynmk6r22z27h6tvur"
META_SCOPES = frozenset({
    "pages_show_list", "pages_read_engagement", "pages_read_user_content", "read_insights", "instagram_basic",
    "instagram_manage_insights", "instagram_manage_comments", "business_management",
})  # fmt: skip
LATER = 45
"""Days after its beginning that the world knows already, so that the clock can move."""
FORMS = {
    Network.MASTODON: (Form.TEXT, Form.PHOTO, Form.LINK, Form.ALBUM, Form.VIDEO),
    Network.BLUESKY: (Form.TEXT, Form.PHOTO, Form.LINK, Form.ALBUM, Form.VIDEO),
    Network.FACEBOOK: (Form.PHOTO, Form.TEXT, Form.LINK, Form.VIDEO, Form.ALBUM),
    Network.INSTAGRAM: (Form.PHOTO, Form.REEL, Form.ALBUM),
    Network.YOUTUBE: (Form.VIDEO,),
}
WORDS = (
    "Bonjour à tous",
    "New in the shop",
    "Fish & chips < 10 €",
    "Été 2026 ☀️",
    "Behind the scenes",
    "Question of the day",
)
FIGURES = [
    "views", "reach", "reactions", "comments", "shares", "saves", "quotes", "clicks", "video_views",
    "follows", "visits",
]  # fmt: skip
DAILY = [
    "views", "reach", "engagement", "engaged", "visits", "clicks", "video_views", "reactions", "comments",
    "shares", "saves", "replies",
]  # fmt: skip
MILLISECONDS = {Network.MASTODON, Network.BLUESKY}
"""Networks that tell moments more finely than by the second."""


@dataclass
class Maker:
    """Draws accounts with so many ``posts``, the first of them ``span`` days before ``now``."""

    world: World
    posts: int
    span: int
    chance: random.Random
    made: int = field(default=0)
    now: datetime = NOW

    def account(self, network: Network, ident: str, handle: str, name: str) -> Account:
        """An account with its posts and days."""
        born = self.now - timedelta(days=self.span + 30)
        about = "We make things.\n\nAnd we talk about them."
        account = Account(network, ident, handle, name, born, about=about)
        followers = self.chance.randrange(500, 20_000)
        for number in range(-self.span - 5, LATER):
            gained, lost = self.chance.randrange(2, 60), self.chance.randrange(0, 30)
            followers += gained - lost
            figures = {figure: self.chance.randrange(20, 3_000) for figure in DAILY}
            account.days[self.now.date() + timedelta(days=number)] = Day(followers, gained, lost, figures)
        gap = timedelta(days=self.span) / max(1, self.posts)
        for number in range(self.posts):
            jitter = timedelta(milliseconds=self.chance.randrange(1, 80_000_000))
            at = self.now - gap * (self.posts - number) + min(jitter, gap / 2)
            account.posts.append(self.post(account, at))
        account.mentions = [
            self.comment(account, self.now - timedelta(days=3 * number, hours=5)) for number in range(1, 4)
        ]
        self.world.accounts.append(account)
        return account

    def post(self, account: Account, at: datetime, form: Form | None = None) -> Post:
        """A post as the account's network has them; it is not yet the account's."""
        self.made += 1
        network, chance = account.network, self.chance
        form = form or FORMS[network][self.made % len(FORMS[network])]
        tag = chance.choice(("été", "shop", "news"))
        link = f"https://example.org/pages/that-are-rather-long/{self.made}" if form is Form.LINK else ""
        text = f"{chance.choice(WORDS)} {self.made}\n\n#{tag}" + (f" {link}" if link else "")
        count = {Form.TEXT: 0, Form.LINK: 0, Form.ALBUM: 3}.get(form, 1)
        pictures = tuple(self.picture() for _number in range(count))
        post = Post(
            _ident(network, at, self.made), _told(network, at), form, text,
            {figure: chance.randrange(5, 2_000) for figure in FIGURES}, link, (tag,), pictures,
        )  # fmt: skip
        for number in range(chance.randrange(0, 4)):
            post.comments.append(self.comment(account, at + timedelta(hours=2 + 5 * number)))
        return post

    def comment(self, account: Account, at: datetime) -> Comment:
        """What somebody wrote; every other one is answered by the account two hours later."""
        self.made += 1
        at = _told(account.network, at.replace(microsecond=self.made % 1000 * 1000))
        author = _person(account.network, self.made % 5)
        comment = Comment(
            _ident(account.network, at, self.made, below=True), at, author, f"Nice one, number {self.made}!"
        )
        if self.made % 2:
            self.made += 1
            later = at + timedelta(hours=2)
            own = Person(account.id, account.handle, account.name)
            comment.answers.append(
                Comment(_ident(account.network, later, self.made, below=True), later, own, "Thank you!")
            )
        return comment

    def picture(self) -> str:
        """The name of a picture that no other post has."""
        name = f"picture{len(self.world.pictures)}"
        kind = png if len(self.world.pictures) % 3 else jpeg
        red, green, blue = (self.chance.randrange(256) for _part in range(3))
        self.world.pictures[name] = kind(red, green, blue)
        return name


def populated(posts: int = 9, span: int = 60, seed: int = 12, now: datetime = NOW) -> World:
    """A world at ``now`` with an account on each network (two pages on Facebook) and so many posts each.

    Among them are what no report should count as an account's own: a boost and a repost.
    """
    world = World(now)
    maker = Maker(world, posts, span, random.Random(seed), now=now)
    world.pictures["avatar"] = png(20, 40, 60)
    mastodon = maker.account(Network.MASTODON, "14715", "atelier", "Atelier Bleu")
    bluesky = maker.account(Network.BLUESKY, DID, "atelier.bsky.social", "Atelier Bleu")
    page = maker.account(Network.FACEBOOK, PAGE, "atelierbleu", "Atelier Bleu")
    maker.account(Network.FACEBOOK, OTHER_PAGE, "atelierrouge", "Atelier Rouge")
    instagram = maker.account(Network.INSTAGRAM, INSTAGRAM, "atelier.bleu", "Atelier Bleu")
    page.linked = instagram.id
    channel = maker.account(Network.YOUTUBE, CHANNEL, "AtelierBleu", "Atelier Bleu")
    for account in (mastodon, bluesky):
        shared = maker.post(account, now - timedelta(days=4), Form.PHOTO)
        shared.shared, shared.comments = _person(account.network, 7), []
        answering = maker.post(account, now - timedelta(days=5), Form.TEXT)
        answering.answers = _person(account.network, 8)
        account.posts += [shared, answering]
    if len(channel.posts) > 1:
        channel.posts[0].figures["likes_off"] = channel.posts[1].figures["comments_off"] = 1
        channel.posts[1].comments = []
    _tokens(world)
    world.withdrawn = dict.fromkeys(WITHDRAWN, datetime(2026, 6, 15, tzinfo=UTC))
    return world


def arriving(world: World, network: Network, seed: int = 99, **ago: float) -> Post:
    """A new post of a network's first account, published so long ago; it is there at once."""
    account = world.only(network)
    maker = Maker(world, 0, 0, random.Random(seed + len(account.posts)), made=10_000 + len(account.posts))
    post = maker.post(account, world.now - timedelta(**ago))
    account.posts.append(post)
    return post


def settle(world: World) -> None:
    """From the beginning every post has the figures of its end, whenever it is read."""
    for account in world.accounts:
        for post in account.posts:
            post.restated = [(post.at, name, value) for name, value in post.figures.items()]


def _tokens(world: World) -> None:
    tokens = [
        Token(MASTODON_TOKEN, ("14715",), frozenset({"read"})),
        Token(BLUESKY_PASSWORD, (DID,)),
        Token(
            META_TOKEN, (PAGE, OTHER_PAGE), META_SCOPES, world.now + timedelta(days=60), user="10158943210987"
        ),
        Token(PAGE_TOKEN, (PAGE,), META_SCOPES),
        Token(OTHER_PAGE_TOKEN, (OTHER_PAGE,), META_SCOPES),
        Token(YOUTUBE_KEY),
        Token(YOUTUBE_TOKEN, (CHANNEL,), frozenset({SCOPES[0]}), user=YOUTUBE_REFRESH),
    ]
    world.tokens = {token.text: token for token in tokens}


def _told(network: Network, at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000 if network in MILLISECONDS else 0)


def _person(network: Network, number: int) -> Person:
    names = ("Zoë", "Noor", "Łukasz", "Ada", "Ben", "Ines", "Kim", "Max", "Lou")
    if network is Network.MASTODON:
        return Person(str(971_724 + number), f"user{number}@elsewhere.example", names[number])
    if network is Network.BLUESKY:
        return Person(f"did:plc:{'abcdefghi'[number] * 24}", f"user{number}.bsky.social", names[number])
    return Person(str(5_000_000_000 + number), f"user{number}", names[number])


def _ident(network: Network, at: datetime, number: int, below: bool = False) -> str:
    if network is Network.MASTODON:
        return snowflake(at, number)
    if network is Network.BLUESKY:
        return tid(at, number)
    if network is Network.YOUTUBE:
        return f"Ugx{video('comment', number)}" if below else video("video", number)
    start = 17_900_000_000_000_000 if network is Network.INSTAGRAM else 122_000_000_000_000_000
    return str(start + int(at.timestamp()) * 1_000 + number % 1_000)
