"""GNU Smalltalk's bracket syntax: class bodies, extensions, single methods, Eval; and statements between them.

Object subclass: Foo [ | a | Foo class >> new [ ... ]  bar: x [ ... ] ]     Foo extend [ ... ]     Foo >> baz [ ... ]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.source.chunks import read_heading
from stui_cli.playground.source.parts import ClassBody, ClassVariable, Statement, Unread
from stui_cli.playground.source.reader import Reader
from stui_cli.playground.source.tokens import Kind, Misread, contents

if TYPE_CHECKING:
    from stui_cli.playground.source.parts import MethodPart, Part
    from stui_cli.playground.source.tokens import Poll, Token


def read_brackets(text: str, poll: Poll | None = None) -> list[Part]:
    """The parts in their order; what cannot be read is one too."""
    return BracketReader(text, poll, brackets=True).parts()


def read_statements(text: str, poll: Poll | None = None) -> list[Part]:
    """Each statement is a part."""
    return BracketReader(text, poll, brackets=False).parts()


class BracketReader(Reader):
    def __init__(self, text: str, poll: Poll | None, *, brackets: bool) -> None:
        super().__init__(text, poll)
        self.brackets = brackets
        self.found: list[Part] = []
        self.declared: list[str] = []

    def parts(self) -> list[Part]:
        while not self.at(Kind.END):
            begin = self.here.start
            try:
                self._part()
            except Misread as problem:
                self.found.append(self.refused("statements", None, begin, problem))
                return self.found
        return self.found

    def _part(self) -> None:
        match self.here.kind:
            case Kind.BROKEN:
                raise Misread(self.here.text, self.here.start)
            case Kind.BANG:
                self._mark()
            case Kind.DOT:
                self.next()
            case Kind.CLOSE:
                raise Misread(f"there is no beginning to {self.here.text}", self.here.start)
            case Kind.WORD if self.brackets and self._definition():
                pass
            case _:
                self._statement()

    def _mark(self) -> None:
        """It has ended something, or a heading of chunks follows."""
        headed = read_heading(self.source, self.here.end) if self.brackets else None
        if headed is None:
            self.next()
        else:
            self.found += headed[0]
            self.here = self.source.token(headed[1])

    # Statements

    def _statement(self) -> None:
        if self.at(Kind.BAR):
            self.declared += self.variables()
            return
        begin = self.here.start
        end = self._end_of_statement()
        if end > begin:
            self.found.append(Statement(self.text[begin:end], self.place(begin), tuple(self.declared)))
            self.declared = []

    def _end_of_statement(self) -> int:
        """Behind its last token. Raises Misread."""
        end = self.here.start
        while not self.at(Kind.DOT, Kind.BANG, Kind.END):
            if self.at(Kind.BROKEN):
                raise Misread(self.here.text, self.here.start)
            if self.at(Kind.CLOSE):
                raise Misread(f"there is no beginning to {self.here.text}", self.here.start)
            if self.at(Kind.OPEN):
                end = self.group()[1].end
            else:
                end = self.here.end
                self.next()
        return end

    # Definitions

    def _definition(self) -> bool:
        """Read what is defined here in brackets; False, and we stand where we were, if this is something else."""
        begin = self.here
        self.next()
        if begin.text == "Eval" and self.here.opens_body():
            self._eval()
        elif begin.text == "Namespace" and self.here.text == "current:":
            return self._namespace(begin)
        elif (self.here.text == "subclass:" and self._class(begin)) or self._extension(begin):
            pass
        else:
            self.back_to(begin)
            return self._single_method()
        return True

    def _eval(self) -> None:
        opening, closing = self.group()
        text = self.text[opening.end : closing.start]
        self.found.append(Statement(text, self.place(opening.end)))

    def _namespace(self, begin: Token) -> bool:
        self.next()
        name = self.here
        self.next()
        if name.kind is not Kind.WORD or not self.here.opens_body():
            self.back_to(begin)
            return False
        self.group()
        why = "a playground has no namespaces: load its classes without the Namespace current: around them"
        place = self.place(begin.start)
        self.found.append(Unread("namespace", name.text, why, place, place))
        return True

    def _class(self, begin: Token) -> bool:
        self.next()
        name = self.here
        self.next()
        if name.kind is not Kind.WORD or not self.here.opens_body():
            self.back_to(begin)
            self.next()
            return False
        self._body(ClassBody(name.text, self.place(begin.start), begin.text), class_side=False)
        return True

    def _extension(self, begin: Token) -> bool:
        class_side = self.is_word("class")
        if class_side:
            self.next()
        if not self.is_word("extend"):
            return False
        self.next()
        if not self.here.opens_body():
            return False
        self._body(ClassBody(begin.text, self.place(begin.start), extends=True), class_side=class_side)
        return True

    def _single_method(self) -> bool:
        begin = self.here
        target = self.target()
        if target is None:
            return False
        head = self.here
        is_method = self.pattern() is not None and self.here.opens_body()
        if not is_method:
            self.back_to(begin)
            return False
        self.back_to(head)
        self.found.append(self.method(*target, ""))
        return True

    # Class bodies

    def _body(self, body: ClassBody, *, class_side: bool) -> None:
        """Its end is looked for first: what is wrong within then spoils nothing behind it."""
        opening, closing = self.group()
        behind = self.here
        self.here = opening
        self.next()
        try:
            self._elements(body, closing, class_side=class_side)
        except Misread as problem:
            self.found.append(self._unread(body, problem))
        else:
            self.found.append(body)
        self.back_to(behind)

    def _unread(self, body: ClassBody, problem: Misread) -> Unread:
        kind = "extension" if body.extends else "class"
        return Unread(kind, body.name, str(problem), body.place, self.place(problem.at))

    def _heads_method(self) -> bool:
        """Whether a method called | begins here, and no list of variables."""
        begin = self.here
        found = self.pattern() is not None and self.here.opens_body()
        self.back_to(begin)
        return found

    def _elements(self, body: ClassBody, closing: Token, *, class_side: bool) -> None:
        while self.here.start < closing.start:
            if self.at(Kind.DOT):
                self.next()
            elif self.at(Kind.BAR) and not self._heads_method():
                (body.class_side_variables if class_side else body.variables).extend(self.variables())
            elif not (self._pragma(body) or self._class_variable(body) or self._side(body)):
                body.methods.append(self._method_of(body, class_side=class_side))

    def _pragma(self, body: ClassBody) -> bool:
        """<comment: 'text'>; False if this is a method named <."""
        begin = self.here
        if not self.is_operator("<"):
            return False
        self.next()
        if not self.at(Kind.KEYWORD):
            self.back_to(begin)
            return False
        keyword = self.here.text
        self.next()
        literal = self.here
        while not self.is_operator(">"):
            if self.at_end() or self.at(Kind.CLOSE):
                raise Misread("there is no end to this pragma", begin.start)
            if self.at(Kind.OPEN):
                self.group()
            else:
                self.next()
        self.next()
        if literal.kind in (Kind.STRING, Kind.SYMBOL):
            self._take(body, keyword, contents(literal.text))
        return True

    def _take(self, body: ClassBody, keyword: str, value: str) -> None:
        if keyword == "comment:":
            body.comment = value
        elif keyword == "category:":
            body.category = value

    def _class_variable(self, body: ClassBody) -> bool:
        """Name := value."""
        name = self.here
        if name.kind is not Kind.WORD:
            return False
        self.next()
        if not self.at(Kind.ASSIGN):
            self.back_to(name)
            return False
        self.next()
        begin = self.here.start
        text = self.text[begin : self._end_of_statement()]
        body.class_variables.append(ClassVariable(name.text, text or None, self.place(begin)))
        return True

    def _side(self, body: ClassBody) -> bool:
        """Foo class [ ... ]"""
        begin = self.here
        if begin.kind is not Kind.WORD:
            return False
        self.next()
        if self.is_word("class"):
            self.next()
            if self.here.opens_body():
                opening, closing = self.group()
                behind = self.here
                self.here = opening
                self.next()
                self._elements(body, closing, class_side=True)
                self.back_to(behind)
                return True
        self.back_to(begin)
        return False

    def _method_of(self, body: ClassBody, *, class_side: bool) -> MethodPart:
        target = self.target()
        side = class_side or (target is not None and target[1])
        return self.method(body.name, side, body.category or "")
