"""Words that say nothing of what somebody looks for: left out of a query that has others. Folded."""

STOP_WORDS = {
    "ar": "في من على الى عن مع هذا هذه ذلك التي الذي او ان كان ما لا هل ثم قد كل بين بعد قبل كما و",
    "en": "a about above after all also an and any are as at be been before being below between both but by can could "
    "did do does down during each for from further had has have he her here hers him his how i if in into is it "
    "its just me more most my near no nor not of off on once only or other our out over own same she should so "
    "some such than that the their them then there these they this those through to too under until up us very "
    "was we were what when where which while who whom why will with within would you your",
    "es": "a al algo alguna algunas alguno algunos ante antes aquel aquella asi aun aunque cada como con contra cual "
    "cuales cuando de del desde donde durante e el ella ellas ellos en entre era es esa esas ese eso esos esta "
    "estan estas este esto estos fue ha hacia han hasta hay la las le les lo los mas me mediante mi mientras muy "
    "ni no nos o otra otras otro otros para pero por porque que quien quienes se segun ser si sido sin sobre son "
    "su sus tal tambien tan te tiene todo todos tras tu u un una unas uno unos y ya yo",
    "fr": "a afin ai ainsi alors apres au aucun aussi autre autres aux avant avec c ce ceci cela celle celles celui "
    "ces cet cette ceux chaque chez comme comment d dans de depuis des donc dont du elle elles en encore entre est et "
    "etaient etait ete etre eux fait il ils j je jusqu l la le les leur leurs lors lui m mais me meme mes moi mon "
    "n ne ni nos notre nous on ont ou par parce pas pendant peu plus pour pourquoi puis qu quand que quel quelle "
    "quelles quels qui s sa sans se selon ses si sont sous sur t ta te tes toi ton tous tout toute toutes tres tu "
    "un une vers vos votre vous y",
    "pt": "a acima ainda alem algum alguma algumas alguns ante antes ao aos apos aquela aquele as ate cada com como "
    "contra da das de dela dele deles depois desde do dos durante e ela elas ele eles em entre era essa essas "
    "esse esses esta estao estas este estes eu foi foram ha isso isto ja la lhe lhes mais mas me mediante mesmo "
    "meu minha muito na nao nas nem no nos num numa o onde os ou outra outras outro outros para pela pelas pelo "
    "pelos perante pois por porque quais qual quando que quem se sem ser seu seus so sob sobre sua suas tal "
    "tambem te tem toda todas todo todos tu um uma umas uns",
}
WORDS_BY_LANGUAGE = {code: frozenset(text.split()) for code, text in STOP_WORDS.items()}


def is_stop_word(word: str, language: str) -> bool:
    """Say whether a folded word is one of those in ``language``; a language without a list has none."""
    return word in WORDS_BY_LANGUAGE.get(language.split("-")[0], ())
