"""The articles that the layouts print: invented news, by paragraphs of sentences."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """An article as its author wrote it."""

    language: str
    title: str
    summary: str  # as a feed would give it
    paragraphs: tuple[tuple[str, ...], ...]  # each of sentences

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every sentence of the body."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph)

    def html(self, tag: str = "p", *, first: int = 0, last: int | None = None) -> str:
        """The paragraphs from ``first`` to ``last``, each in an element of its own."""
        glue = "" if self.language in {"zh", "ja"} else " "
        return "".join(f"<{tag}>{glue.join(one)}</{tag}>\n" for one in self.paragraphs[first:last])

    def lines(self, rule: str = "<br><br>") -> str:
        """The paragraphs divided by ``rule``."""
        glue = "" if self.language in {"zh", "ja"} else " "
        return rule.join(glue.join(one) for one in self.paragraphs)


HARBOUR = Story(
    "en",
    "Strike closes harbour of Marlow as talks on pilots' pay collapse",
    "Pilots in the port of Marlow walked out on Thursday after talks on pay collapsed overnight.",
    (
        (
            (
                "Pilots in the port of Marlow walked out on Thursday after talks on pay collapsed overnight, leaving"
                " forty-one ships at anchor off the breakwater."
            ),
            "The harbour master said that no vessel longer than ninety metres would be let in before Monday.",
        ),
        (
            "The pilots' guild wants a rise of eleven per cent over two years and a fourth crew for the night watch.",
            (
                "The port authority has offered six per cent and says that a fourth crew would cost it the dredging of"
                " the northern channel."
            ),
        ),
        (
            (
                "“We have steered through fog for nine hours with nobody to relieve us,” said Ellen Prowse, who speaks for"
                " the guild."
            ),
            "She added that two pilots had been taken to hospital since March with exhaustion.",
        ),
        (
            (
                "Grain is the first cargo to suffer, because the silos on the eastern quay were already full when the"
                " strike began."
            ),
            "Three bakeries in the county told this newspaper that they had flour for eight days.",
        ),
        (
            (
                "A mediator appointed by the ministry of transport arrived by train in the afternoon and met both sides"
                " in separate rooms."
            ),
            "Neither the guild nor the authority would say whether a further meeting had been agreed.",
        ),
        (
            (
                "The last strike of the pilots, nineteen years ago, ended after five days when the town council paid for"
                " a second pilot boat."
            ),
            "That boat, the Heron, is now moored beside the idle tugs with its engine removed.",
        ),
    ),
)

TELESCOPE = Story(
    "en",
    "Mountain observatory reopens its oldest telescope to schools",
    "The observatory on Mount Carrow has reopened a telescope of 1911 to classes of schoolchildren.",
    (
        (
            (
                "The observatory on Mount Carrow has reopened a telescope of 1911 to classes of schoolchildren, after"
                " volunteers spent seven winters mending its clockwork."
            ),
            "The first class came up by the rack railway on Tuesday and saw the rings of Saturn.",
        ),
        (
            (
                "The brass tube, four metres long, was shut away in 1974 when the observatory bought a reflector with an"
                " electric drive."
            ),
            "Mice had eaten the felt of its shutters and the falling weight had gone through the floor.",
        ),
        (
            "Anselm Okafor, a retired watchmaker, cut thirty-two new teeth for the great wheel by hand.",
            "He says that the hardest part was to find an oil which does not stiffen at eleven degrees below zero.",
        ),
        (
            "Each school may book one evening in a term, and the observatory pays for the train.",
            "If clouds come, the children are shown how to grind a mirror with carborundum and water instead.",
        ),
        (
            "The county's head of schools called the evenings the cheapest physics lesson she had ever signed for.",
            "Eighty-four classes have asked for a place, more than there are clear nights in an average winter.",
        ),
    ),
)

BRIDGE = Story(
    "de",
    "Brücke über die Aller bleibt bis zum Frühjahr gesperrt",
    "Die Brücke über die Aller bei Hohenfelde bleibt nach einem Riss im Tragwerk gesperrt.",
    (
        (
            (
                "Die Brücke über die Aller bei Hohenfelde bleibt nach einem Riss im Tragwerk bis zum Frühjahr gesperrt,"
                " teilte das Landesamt am Mittwoch mit."
            ),
            "Der Umweg über Wietzen verlängert den Weg zur Kreisstadt um zweiundzwanzig Kilometer.",
        ),
        (
            "Ein Schüler hatte den Riss auf dem Heimweg bemerkt und seiner Lehrerin ein Foto gezeigt.",
            (
                "Am selben Abend ließ die Polizei den Verkehr anhalten, und Fachleute maßen eine Öffnung von vier"
                " Millimetern."
            ),
        ),
        (
            "Die Gemeinde richtet für Fußgänger eine Fähre ein, die zwischen sechs und zwanzig Uhr verkehrt.",
            "Der Landwirt Heiner Cordes stellt dafür seinen Anleger zur Verfügung und verlangt kein Geld.",
        ),
        (
            "Ein Neubau würde nach einer ersten Schätzung vierzehn Millionen Euro kosten und drei Jahre dauern.",
            "Ob das Land die Hälfte übernimmt, soll sich im Januar entscheiden.",
        ),
    ),
)

VINEYARD = Story(
    "fr",
    "Le gel détruit un tiers des vignes de la vallée de l'Orbe",
    "Une nuit de gel a détruit un tiers des bourgeons dans la vallée de l'Orbe.",
    (
        (
            (
                "Une nuit de gel a détruit un tiers des bourgeons dans la vallée de l'Orbe, selon le syndicat des"
                " vignerons."
            ),
            "Le thermomètre est descendu à cinq degrés au-dessous de zéro peu avant l'aube.",
        ),
        (
            "Des familles entières avaient allumé des bougies entre les rangs, mais le vent les éteignait aussitôt.",
            "À Saint-Rémy, deux hélicoptères ont brassé l'air pendant quatre heures sans grand effet.",
        ),
        (
            "« Mon grand-père parlait encore du printemps de 1956, je parlerai de celui-ci », a dit Odile Ferrand.",
            "Elle exploite onze hectares avec son frère et n'avait pas souscrit d'assurance contre le gel.",
        ),
        (
            "La préfecture promet une aide d'urgence avant la fin du mois et reporte le paiement des cotisations.",
            "Les pépiniéristes de la région annoncent déjà qu'ils manqueront de plants pour remplacer les ceps.",
        ),
    ),
)

LIBRARY = Story(
    "es",
    "La biblioteca de Almenara presta herramientas además de libros",
    "La biblioteca municipal de Almenara empezó a prestar taladros, escaleras y máquinas de coser.",
    (
        (
            (
                "La biblioteca municipal de Almenara empezó el lunes a prestar taladros, escaleras y máquinas de coser a"
                " cualquier vecino con carné."
            ),
            "En la primera semana salieron por la puerta ciento doce herramientas y volvieron todas menos una.",
        ),
        (
            "La idea nació cuando la bibliotecaria Rosario Vidal contó cuántos taladros había en su escalera.",
            "Eran diecinueve, y según sus dueños cada uno había trabajado menos de quince minutos en toda su vida.",
        ),
        (
            "Quien se lleva una sierra recibe antes una lección de media hora en el patio.",
            "El ayuntamiento paga el seguro y una jubilada del taller de costura revisa las máquinas los viernes.",
        ),
        (
            "Otras seis localidades de la comarca han pedido el reglamento para copiarlo.",
            "Vidal lo envía con una condición, que nadie cobre multas por devolver tarde un martillo.",
        ),
    ),
)
