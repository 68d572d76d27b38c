import{a,b}from"./shared-H3U66OX3.js";import"./shared-BGA4KVT3.js";export{a as Refused,b as store};
