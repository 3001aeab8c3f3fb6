// The decoder and encoder for JPEG, unchanged.
#include <turbojpeg.h>
