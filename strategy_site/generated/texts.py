"""Plausible texts in several languages, the same ones every time.

Each list has one entry a language, with the same number of phrases in each, so that a choice by number says the
same in all of them. A site language that is not here gets the English.
"""

import random

from cms.content.languages import site_languages

ENGLISH = "en"

ACTIONS = {
    "en": ["Strengthen", "Promote", "Support", "Expand", "Improve", "Coordinate", "Develop", "Consolidate"],
    "es": ["Fortalecer", "Promover", "Apoyar", "Ampliar", "Mejorar", "Coordinar", "Desarrollar", "Consolidar"],
    "fr": ["Renforcer", "Promouvoir", "Appuyer", "Étendre", "Améliorer", "Coordonner", "Développer", "Consolider"],
    "pt": ["Fortalecer", "Promover", "Apoiar", "Ampliar", "Melhorar", "Coordenar", "Desenvolver", "Consolidar"],
    "ar": ["تعزيز", "تشجيع", "دعم", "توسيع", "تحسين", "تنسيق", "تطوير", "ترسيخ"],
}
SUBJECTS = {
    "en": [
        "access to public services",
        "the capacity of local institutions",
        "the quality and use of data",
        "cooperation between neighbouring countries",
        "the protection of people in vulnerable situations",
        "decent work and recognition of skills",
        "preparedness for disasters",
        "the participation of communities",
        "regular and orderly procedures",
    ],
    "es": [
        "el acceso a los servicios públicos",
        "la capacidad de las instituciones locales",
        "la calidad y el uso de los datos",
        "la cooperación entre países vecinos",
        "la protección de las personas en situación de vulnerabilidad",
        "el trabajo decente y el reconocimiento de competencias",
        "la preparación ante los desastres",
        "la participación de las comunidades",
        "los procedimientos regulares y ordenados",
    ],
    "fr": [
        "l’accès aux services publics",
        "les capacités des institutions locales",
        "la qualité et l’utilisation des données",
        "la coopération entre pays voisins",
        "la protection des personnes en situation de vulnérabilité",
        "le travail décent et la reconnaissance des compétences",
        "la préparation aux catastrophes",
        "la participation des communautés",
        "les procédures régulières et ordonnées",
    ],
    "pt": [
        "o acesso aos serviços públicos",
        "a capacidade das instituições locais",
        "a qualidade e o uso dos dados",
        "a cooperação entre países vizinhos",
        "a proteção das pessoas em situação de vulnerabilidade",
        "o trabalho decente e o reconhecimento de competências",
        "a preparação para desastres",
        "a participação das comunidades",
        "os procedimentos regulares e ordenados",
    ],
    "ar": [
        "الوصول إلى الخدمات العامة",
        "قدرات المؤسسات المحلية",
        "جودة البيانات واستخدامها",
        "التعاون بين البلدان المتجاورة",
        "حماية الأشخاص في أوضاع هشة",
        "العمل اللائق والاعتراف بالمهارات",
        "التأهب للكوارث",
        "مشاركة المجتمعات المحلية",
        "الإجراءات النظامية والمنظمة",
    ],
}
MEANS = {
    "en": [
        "through training and technical assistance",
        "in partnership with governments and civil society",
        "on the basis of reliable evidence",
        "with particular attention to women and children",
        "by sharing good practices within the region",
        "in line with international standards",
        "through common tools and procedures",
    ],
    "es": [
        "mediante la formación y la asistencia técnica",
        "en alianza con los gobiernos y la sociedad civil",
        "sobre la base de datos fiables",
        "con especial atención a las mujeres y la niñez",
        "compartiendo buenas prácticas en la región",
        "de conformidad con las normas internacionales",
        "mediante herramientas y procedimientos comunes",
    ],
    "fr": [
        "par la formation et l’assistance technique",
        "en partenariat avec les gouvernements et la société civile",
        "sur la base de données fiables",
        "en accordant une attention particulière aux femmes et aux enfants",
        "en partageant les bonnes pratiques dans la région",
        "conformément aux normes internationales",
        "au moyen d’outils et de procédures communs",
    ],
    "pt": [
        "por meio de formação e assistência técnica",
        "em parceria com os governos e a sociedade civil",
        "com base em dados confiáveis",
        "com especial atenção às mulheres e às crianças",
        "compartilhando boas práticas na região",
        "em conformidade com as normas internacionais",
        "por meio de ferramentas e procedimentos comuns",
    ],
    "ar": [
        "من خلال التدريب والمساعدة التقنية",
        "بالشراكة مع الحكومات والمجتمع المدني",
        "على أساس أدلة موثوقة",
        "مع إيلاء اهتمام خاص للنساء والأطفال",
        "عن طريق تبادل الممارسات الجيدة في المنطقة",
        "وفقًا للمعايير الدولية",
        "بأدوات وإجراءات مشتركة",
    ],
}
NAMES = {
    "office": {"en": "Office", "es": "Oficina", "fr": "Bureau", "pt": "Escritório", "ar": "مكتب"},
    "region": {"en": "Region", "es": "Región", "fr": "Région", "pt": "Região", "ar": "منطقة"},
    "strategy": {"en": "Strategy", "es": "Estrategia", "fr": "Stratégie", "pt": "Estratégia", "ar": "استراتيجية"},
    "partner": {"en": "Partner", "es": "Asociado", "fr": "Partenaire", "pt": "Parceiro", "ar": "شريك"},
    "chapter": {"en": "Chapter", "es": "Capítulo", "fr": "Chapitre", "pt": "Capítulo", "ar": "فصل"},
    "section": {"en": "Mechanism", "es": "Mecanismo", "fr": "Mécanisme", "pt": "Mecanismo", "ar": "آلية"},
    "pillar": {"en": "Pillar", "es": "Pilar", "fr": "Pilier", "pt": "Pilar", "ar": "ركيزة"},
    "area": {"en": "Area", "es": "Ámbito", "fr": "Domaine", "pt": "Área", "ar": "مجال"},
    "framework": {"en": "Framework", "es": "Marco", "fr": "Cadre", "pt": "Marco", "ar": "إطار"},
    "goal": {"en": "Goal", "es": "Objetivo", "fr": "Objectif", "pt": "Objetivo", "ar": "غاية"},
    "role": {"en": "Director", "es": "Dirección", "fr": "Direction", "pt": "Direção", "ar": "إدارة"},
}


class Texts:
    """Texts chosen by a seed: the same seed gives the same texts, in each of the site's languages."""

    def __init__(self, seed: str):
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing
        self.languages = site_languages()

    def name(self, kind: str, number: object) -> dict[str, str]:
        """Return ``"Office 12"`` and its translations."""
        return {code: f"{pick(NAMES[kind], code)} {number}" for code in self.languages}

    def sentences(self, count: int) -> dict[str, str]:
        """Return ``count`` sentences."""
        chosen = [
            [self.random.randrange(len(phrases[ENGLISH])) for phrases in (ACTIONS, SUBJECTS, MEANS)]
            for _ in range(count)
        ]
        return {code: " ".join(sentence(code, numbers) for numbers in chosen) for code in self.languages}

    def paragraphs(self, count: int) -> dict[str, str]:
        """Return rich text of ``count`` paragraphs of four sentences."""
        texts = [self.sentences(4) for _ in range(count)]
        return {code: "".join(f"<p>{text[code]}</p>" for text in texts) for code in self.languages}


def pick(phrases: dict, code: str):
    return phrases.get(code, phrases[ENGLISH])


def sentence(code: str, numbers: list[int]) -> str:
    words = [pick(phrases, code)[number] for phrases, number in zip((ACTIONS, SUBJECTS, MEANS), numbers, strict=True)]
    return " ".join(words) + "."
