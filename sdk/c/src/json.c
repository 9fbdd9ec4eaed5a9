/* Texts and JSON, in memory that lives as long as the instance. */
#include "lazaret.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *room(size_t size) {
  void *memory = malloc(size == 0 ? 1 : size);
  if (memory == NULL) {
    lazaret_panic_at(__FILE__, __LINE__, __func__, "no memory is left");
  }
  return memory;
}

const char *lazaret_format(const char *format, ...) {
  va_list words, again;
  va_start(words, format);
  va_copy(again, words);
  int length = vsnprintf(NULL, 0, format, words);
  va_end(words);
  char *text = room(length < 0 ? 1 : (size_t)length + 1);
  text[0] = 0;
  if (length >= 0) {
    vsnprintf(text, (size_t)length + 1, format, again);
  }
  va_end(again);
  return text;
}

const char *lazaret_quote(const char *text) {
  size_t length = strlen(text);
  char *quoted = room(length * 6 + 3);
  char *end = quoted;
  *end++ = '"';
  for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
    if (*at == '"' || *at == '\\') {
      *end++ = '\\';
      *end++ = (char)*at;
    } else if (*at < 0x20) {
      end += snprintf(end, 7, "\\u%04x", *at);
    } else {
      *end++ = (char)*at;
    }
  }
  *end++ = '"';
  *end = 0;
  return quoted;
}

size_t lazaret_letters(const char *text) {
  size_t count = 0;
  for (; *text != 0; text++) {
    count += ((unsigned char)*text & 0xC0) != 0x80;
  }
  return count;
}

struct lazaret_json {
  enum { NOTHING, NO, YES, NUMBER, STRING, LIST, OBJECT } kind;
  double number;
  const char *text;
  const char *name;   /* as a field */
  lazaret_json *first; /* of a list's items or an object's fields */
  lazaret_json *next;
};

enum { MAX_DEPTH = 64 };

typedef struct {
  const char *at;
  int depth;
} reader;

static void skip(reader *in) {
  while (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t') {
    in->at++;
  }
}

static bool taken(reader *in, const char *word) {
  size_t length = strlen(word);
  if (strncmp(in->at, word, length) != 0) {
    return false;
  }
  in->at += length;
  return true;
}

static bool four_digits(reader *in, unsigned *code) {
  *code = 0;
  for (int index = 0; index < 4; index++) {
    char digit = *in->at++;
    unsigned value;
    if (digit >= '0' && digit <= '9') {
      value = (unsigned)(digit - '0');
    } else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') {
      value = (unsigned)((digit | 32) - 'a' + 10);
    } else {
      return false;
    }
    *code = *code * 16 + value;
  }
  return true;
}

static char *put(char *end, unsigned code) {
  if (code < 0x80) {
    *end++ = (char)code;
  } else if (code < 0x800) {
    *end++ = (char)(0xC0 | code >> 6);
    *end++ = (char)(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *end++ = (char)(0xE0 | code >> 12);
    *end++ = (char)(0x80 | (code >> 6 & 0x3F));
    *end++ = (char)(0x80 | (code & 0x3F));
  } else {
    *end++ = (char)(0xF0 | code >> 18);
    *end++ = (char)(0x80 | (code >> 12 & 0x3F));
    *end++ = (char)(0x80 | (code >> 6 & 0x3F));
    *end++ = (char)(0x80 | (code & 0x3F));
  }
  return end;
}

/* Reads what follows a backslash; a pair of surrogates is one letter. */
static char *escaped(reader *in, char *end) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char letter = *in->at++;
  const char *known = letter == 0 ? NULL : strchr(from, letter);
  if (known != NULL) {
    *end = to[known - from];
    return end + 1;
  }
  unsigned code, low;
  if (letter != 'u' || !four_digits(in, &code)) {
    return NULL;
  }
  if (code >= 0xD800 && code < 0xDC00) {
    if (!taken(in, "\\u") || !four_digits(in, &low) || low < 0xDC00 || low > 0xDFFF) {
      return NULL;
    }
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  return put(end, code);
}

static const char *string(reader *in) {
  if (*in->at++ != '"') {
    return NULL;
  }
  const char *close = in->at;
  for (; *close != '"'; close++) {
    if (*close == 0 || (*close == '\\' && *++close == 0)) {
      return NULL;
    }
  }
  char *text = room((size_t)(close - in->at) + 1), *end = text;
  while (*in->at != '"') {
    if ((unsigned char)*in->at < 0x20) {
      return NULL;
    }
    if (*in->at != '\\') {
      *end++ = *in->at++;
      continue;
    }
    in->at++;
    end = escaped(in, end);
    if (end == NULL) {
      return NULL;
    }
  }
  in->at++;
  *end = 0;
  return text;
}

static lazaret_json *value(reader *in);

static bool members(reader *in, lazaret_json *whole, char close) {
  lazaret_json **last = &whole->first;
  skip(in);
  if (*in->at == close) {
    in->at++;
    return true;
  }
  for (;;) {
    const char *name = NULL;
    skip(in);
    if (close == '}') {
      name = string(in);
      skip(in);
      if (name == NULL || *in->at++ != ':') {
        return false;
      }
    }
    lazaret_json *one = value(in);
    if (one == NULL) {
      return false;
    }
    one->name = name;
    *last = one;
    last = &one->next;
    skip(in);
    char mark = *in->at;
    if (mark != ',' && mark != close) {
      return false;
    }
    in->at++;
    if (mark == close) {
      return true;
    }
  }
}

static lazaret_json *value(reader *in) {
  lazaret_json *made = room(sizeof *made);
  memset(made, 0, sizeof *made);
  skip(in);
  char first = *in->at;
  if (first == '"') {
    made->kind = STRING;
    made->text = string(in);
    return made->text == NULL ? NULL : made;
  }
  if (first == '{' || first == '[') {
    made->kind = first == '{' ? OBJECT : LIST;
    in->at++;
    if (++in->depth > MAX_DEPTH || !members(in, made, first == '{' ? '}' : ']')) {
      return NULL;
    }
    in->depth--;
    return made;
  }
  if (taken(in, "null")) {
    made->kind = NOTHING;
  } else if (taken(in, "true")) {
    made->kind = YES;
  } else if (taken(in, "false")) {
    made->kind = NO;
  } else if (first == '-' || (first >= '0' && first <= '9')) {
    char *end;
    made->kind = NUMBER;
    made->number = strtod(in->at, &end);
    in->at = end;
  } else {
    return NULL;
  }
  return made;
}

lazaret_json *lazaret_json_parse(const char *text) {
  reader in = {text, 0};
  lazaret_json *made = value(&in);
  skip(&in);
  return *in.at == 0 ? made : NULL;
}

lazaret_json *lazaret_json_field(const lazaret_json *value, const char *name) {
  if (value == NULL || value->kind != OBJECT) {
    return NULL;
  }
  lazaret_json *one = value->first;
  while (one != NULL && strcmp(one->name, name) != 0) {
    one = one->next;
  }
  return one;
}

lazaret_json *lazaret_json_item(const lazaret_json *value, size_t index) {
  lazaret_json *one = value == NULL || value->kind != LIST ? NULL : value->first;
  while (one != NULL && index-- > 0) {
    one = one->next;
  }
  return one;
}

size_t lazaret_json_count(const lazaret_json *value) {
  size_t count = 0;
  if (value != NULL) {
    for (lazaret_json *one = value->first; one != NULL; one = one->next) {
      count++;
    }
  }
  return count;
}

const char *lazaret_json_text(const lazaret_json *value) {
  return value == NULL || value->kind != STRING ? NULL : value->text;
}

double lazaret_json_number(const lazaret_json *value, double otherwise) {
  return value == NULL || value->kind != NUMBER ? otherwise : value->number;
}

bool lazaret_json_true(const lazaret_json *value) {
  return value != NULL && value->kind == YES;
}
