#pragma once
#include <yaml.h>

/* yaml_event_t keeps its data in a union of unnamed structs; these name what the reader needs. */

static inline const char *cyaml_anchor(const yaml_event_t *event) {
  switch (event->type) {
  case YAML_ALIAS_EVENT: return (const char *)event->data.alias.anchor;
  case YAML_SCALAR_EVENT: return (const char *)event->data.scalar.anchor;
  case YAML_SEQUENCE_START_EVENT: return (const char *)event->data.sequence_start.anchor;
  case YAML_MAPPING_START_EVENT: return (const char *)event->data.mapping_start.anchor;
  default: return 0;
  }
}
static inline const char *cyaml_tag(const yaml_event_t *event) {
  switch (event->type) {
  case YAML_SCALAR_EVENT: return (const char *)event->data.scalar.tag;
  case YAML_SEQUENCE_START_EVENT: return (const char *)event->data.sequence_start.tag;
  case YAML_MAPPING_START_EVENT: return (const char *)event->data.mapping_start.tag;
  default: return 0;
  }
}
static inline const unsigned char *cyaml_scalar_bytes(const yaml_event_t *event) { return event->data.scalar.value; }
static inline size_t cyaml_scalar_length(const yaml_event_t *event) { return event->data.scalar.length; }
static inline int cyaml_scalar_is_plain(const yaml_event_t *event) {
  return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}
